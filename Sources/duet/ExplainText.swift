import DuetPolicy

/// The sentences of `duet explain`.
enum ExplainText {
    static func result(_ evaluation: Evaluation) -> String {
        guard let rule = evaluation.rule else { return "refused: no rule matches" }
        return switch evaluation.action {
        case .require: "Duo is asked, by rule \"\(rule.name)\""
        case .bypass(.success): "let in without Duo, by rule \"\(rule.name)\" (PAM_SUCCESS)"
        case .bypass(.ignore): "Duo has no say, by rule \"\(rule.name)\" (PAM_IGNORE)"
        case .deny(let text): "refused, by rule \"\(rule.name)\"" + (text.map { ": \($0)" } ?? "")
        }
    }

    static func start(_ requirement: Requirement) -> String {
        let first = requirement.defaultFactor ?? requirement.factors.first ?? .push
        let attempts = requirement.prompts == 1 ? "1 attempt" : "\(requirement.prompts) attempts"
        let begin =
            switch requirement.autopush {
            case .off: "begins with the menu"
            case .auto, .wait, .prompt:
                "begins with \(first.rawValue) (autopush = \"\(requirement.autopush.rawValue)\")"
            }
        return "\(begin); \(attempts), \(requirement.timeout.settingText) at most"
    }

    static func duoDown(_ fail: FailMode) -> String {
        switch fail {
        case .closed: "refused (fail = \"closed\")"
        case .open: "let in with the first factor alone (fail = \"open\")"
        }
    }
}
