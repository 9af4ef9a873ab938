import DuetPolicy

/// The policy once more, as plainly as it can be said: 0 is no, 1 is unknown, 2 is yes; and is min, or is max, not is 2 - x.
enum NaivePolicy {
    static func decide(_ rules: [Rule], _ facts: RuleFacts) -> (Int?, RuleAction) {
        for (index, rule) in rules.enumerated() {
            let truths = rule.when.map { value($0, facts) } + rule.unless.map { 2 - value($0, facts) }
            let truth = truths.min() ?? 2
            if truth == 2 { return (index, rule.action) }
            if truth == 0 { continue }
            if case .bypass = rule.action { continue }
            guard case .require(var requirement) = rule.action else { return (index, rule.action) }
            requirement.fail = .closed
            requirement.remember = nil
            return (index, .require(requirement))
        }
        return (nil, .deny(text: nil))
    }

    private static func value(_ condition: Condition, _ facts: RuleFacts) -> Int {
        switch condition {
        case .service(let patterns):
            return patterns.contains { glob(Array($0.text), Array(facts.service.description)) } ? 2 : 0
        case .user(let names):
            return names.map(\.description).contains(facts.user.description) ? 2 : 0
        case .group(let condition):
            guard case .known(let groups) = facts.groups else { return 1 }
            let any = condition.any.isEmpty || !groups.intersection(condition.any).isEmpty
            let all = groups.isSuperset(of: condition.all)
            let none = groups.intersection(condition.not).isEmpty
            return any && all && none ? 2 : 0
        case .address(let places):
            return places.map { place($0, facts) }.max() ?? 0
        case .tty(let flag):
            return (facts.tty != nil && facts.tty != "" && facts.tty != "ssh") == flag ? 2 : 0
        case .publickey(let flag):
            return facts.usedPublicKey == flag ? 2 : 0
        case .enabled(let flag):
            guard let enabled = facts.isEnabled else { return 1 }
            return enabled == flag ? 2 : 0
        case .time(let window):
            // UTC only, minute by minute back from now to the last time that the window opened.
            let minute = facts.time / 60
            for span in window.hours {
                let length = (span.end - span.start + 1_440 - 1) % 1_440 + 1
                for back in 0..<Int64(length) {
                    let then = minute - back
                    let day = Weekday.allCases[Int((then / 1_440 + 3) % 7)]
                    if then % 1_440 == Int64(span.start), window.days.contains(day) { return 2 }
                }
            }
            return window.hours.isEmpty && window.days.contains(Weekday.allCases[Int((minute / 1_440 + 3) % 7)]) ? 2 : 0
        }
    }

    private static func place(_ place: ClientPlace, _ facts: RuleFacts) -> Int {
        switch (place, facts.client) {
        case (.local, .none): facts.isOnConsole ? 2 : 0
        case (.range(let range), .address(let address)):
            bits(address.bytes).hasPrefix(bits(range.bytes).prefix(range.prefix))
                && address.bytes.count == range.bytes.count
                ? 2 : 0
        case (.range, .unclear): 1
        default: 0
        }
    }

    private static func bits(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (0..<8).map { byte & (0x80 >> UInt8($0)) == 0 ? "0" : "1" }.joined() }.joined()
    }

    private static func glob(_ pattern: [Character], _ text: [Character]) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = Array(pattern.dropFirst())
        if first == "*" { return (0...text.count).contains { glob(rest, Array(text.dropFirst($0))) } }
        return !text.isEmpty && (first == "?" || first == text[0]) && glob(rest, Array(text.dropFirst()))
    }
}
