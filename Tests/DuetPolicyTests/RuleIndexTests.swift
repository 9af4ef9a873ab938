import DuetPolicy
import Testing

@Suite("Which rules a login passes")
struct RuleIndexTests {
    @Test("A rule is left out only where a list of names in its when fails for certain")
    func places() {
        let cases: [(Rule, found: Bool)] = [
            (rule(), true), (rule([.user(["alice"])]), true), (rule([.user(["bob"])]), false),
            (rule([.user([])]), false),
            (rule([.user(["bob", "alice"])]), true), (rule([.service(["sudo"])]), true),
            (rule([.service(["sshd"])]), false), (rule([.service(["sshd", "s*"])]), true),
            (rule([.service(["login*"])]), true), (rule([.group(GroupCondition(any: ["staff", "x"]))]), true),
            (rule([.group(GroupCondition(any: ["x", "y"]))]), false),
            (rule([.group(GroupCondition(all: ["staff"]))]), true),
            (rule([.group(GroupCondition(all: ["x"]))]), false),
            (rule([.group(GroupCondition(not: ["staff"]))]), true), (rule([.group(GroupCondition())]), true),
            (rule([.tty(false)]), true), (rule(unless: [.user(["alice"])]), true),
            (rule([.user(["bob"]), .service(["s*"])]), false),
        ]
        for (rule, found) in cases { #expect(RuleIndex([rule]).places(.sample()) == (found ? [0] : []), "\(rule)") }
    }

    @Test("Groups that nobody could look up leave no rule out")
    func unknownGroups() {
        let rules = [GroupCondition(any: ["x"]), GroupCondition(all: ["y"])].map { rule([.group($0)]) }
        #expect(RuleIndex(rules).places(.sample(groups: .unknown)) == [0, 1])
    }

    @Test(
        "Of a thousand rules a login passes its own and those for everybody",
        arguments: [Condition.service(["sudo"]), .group(GroupCondition(any: ["staff"])), .user(["alice"])])
    func few(_ common: Condition) {
        let own = (0..<250).flatMap { number -> [Rule] in
            [
                rule([common, .service([ServicePattern("other-\(number)")])]),
                rule([common, .user([ExactName("user-\(number)")])]),
                rule([common, .group(GroupCondition(any: [ExactName("group-\(number)")]))]),
                rule([.group(GroupCondition(all: [ExactName("team-\(number)"), "staff"])), common]),
            ]
        }
        let facts = RuleFacts.sample(groups: .known(["alice", "staff", "group-7", "team-9"]))
        #expect(RuleIndex(own + [rule()]).places(facts) == [4 * 7 + 2, 4 * 9 + 3, own.count])
    }

    private func rule(_ when: [Condition] = [], unless: [Condition] = []) -> Rule {
        Rule(name: "a", when: when, unless: unless, action: .deny(text: nil))
    }
}

extension Condition {
    fileprivate static func service(_ texts: [String]) -> Condition { .service(texts.map(ServicePattern.init)) }
}
