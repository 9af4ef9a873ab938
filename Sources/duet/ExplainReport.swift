import DuetPolicy
import FoundationEssentials

/// What `duet explain` says: the same value for people and for machines.
struct ExplainReport: Encodable {
    struct Step: Encodable {
        let rule: String
        /// matches, does not match, in doubt
        let result: String
        let decides: Bool
        let reason: String
    }

    struct Remembered: Encodable {
        let scope: String
        let allow: String?
        let deny: String?
        let uses: Int?
        /// Why a login with these facts is never remembered.
        let obstacle: String?
        /// What a remembered decision is found by.
        let key: [String]
    }

    let user: String
    let uid: UInt32
    let groups: [String]?
    let service: String
    let client: String
    let steps: [Step]
    /// nil: no rule matched.
    let rule: String?
    let action: String
    /// What happens, in a sentence.
    let result: String
    let duoUser: String?
    let application: String?
    let factors: [String]?
    let start: String?
    let remember: Remembered?
    let duoDown: String?

    init(policy: Policy, facts: RuleFacts, account: ExplainAccount) {
        let evaluation = policy.evaluate(facts)
        user = account.name
        uid = account.uid
        switch facts.groups {
        case .known(let names): groups = names.map(\.description).sorted()
        case .unknown: groups = nil
        }
        service = facts.service.description
        client = Condition.address([]).fact(facts)
        steps = evaluation.trace.map { step in
            let result =
                switch step.match {
                case .holds: "matches"
                case .doubtful: step.decides ? "matches in doubt" : "does not match in doubt"
                case .fails: "does not match"
                }
            return Step(rule: step.rule, result: result, decides: step.decides, reason: step.match.reason(facts))
        }
        rule = evaluation.rule?.name
        action = evaluation.action.kind.rawValue
        guard case .require(let requirement) = evaluation.action else {
            result = ExplainText.result(evaluation)
            (duoUser, application, factors, start, remember, duoDown) = (nil, nil, nil, nil, nil, nil)
            return
        }
        let name = policy.names.duoName(user: facts.user, gecos: account.gecos)
        duoUser = name
        result =
            name == nil
            ? "refused: [names] finds no name at Duo for \(account.name)" : ExplainText.result(evaluation)
        application = requirement.application
        factors = requirement.factors.map(\.rawValue)
        start = ExplainText.start(requirement)
        duoDown = ExplainText.duoDown(requirement.fail)
        remember = requirement.remember.map {
            Remembered($0, evaluation.rule, facts, account, duoUser: name, requirement.application)
        }
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        var rows = [("login", "\(user) (uid \(uid)) to \(service): \(client)")]
        rows.append(("groups", groups.map { $0.joined(separator: ", ") } ?? "could not be found out"))
        for (index, step) in steps.enumerated() {
            rows.append((index == 0 ? "rules" : "", "\(step.rule): \(step.result): \(step.reason)"))
        }
        rows.append(("result", result))
        if let factors, let start, let application, let duoDown {
            rows.append(("Duo user", "\(duoUser ?? "none"), application \(application)"))
            rows.append(("factors", "\(factors.joined(separator: ", ")); \(start)"))
            rows.append(("remembered", remember.map(\.text) ?? "nothing"))
            rows += remember?.obstacle == nil ? remember?.key.map { ("", "  \($0)") } ?? [] : []
            rows.append(("Duo down", duoDown))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0 + String(repeating: " ", count: width - $0.count + 2) + $1 }.joined(separator: "\n")
    }
}

extension ExplainReport.Remembered {
    fileprivate init(
        _ remember: Remember, _ rule: Rule?, _ facts: RuleFacts, _ account: ExplainAccount, duoUser: String?,
        _ application: String
    ) {
        scope = remember.scope.rawValue
        allow = remember.allow > .zero ? remember.allow.settingText : nil
        deny = remember.deny > .zero ? remember.deny.settingText : nil
        uses = remember.uses
        obstacle = remember.scope.obstacle(facts)
        var key = [
            "user \(account.name), uid \(account.uid)", "the real uid of the process that asks",
            "Duo user \(duoUser ?? "none"), application \(application)",
        ]
        switch remember.scope {
        case .login: break
        case .tty, .parent, .key, .user:
            key += ["service \(facts.service)", "rule \(rule?.name ?? "") as it stands now"]
        }
        self.key = key + [remember.scope.binding]
    }

    fileprivate var text: String {
        if let obstacle { return "nothing: \(obstacle)" }
        let allow = allow.map { "an allow for \($0)" + (uses.map { ", \($0) times at most" } ?? "") }
        let deny = deny.map { "a denial, which stops pushes, for \($0)" }
        return [allow, deny].compactMap(\.self).joined(separator: "; ") + "; found again by all of these:"
    }
}
