/// What can be said of a rule without a login. For warnings: where it cannot be told, the answer is the quiet one.
extension Rule {
    /// Whether every login that this matches was matched by `earlier` before.
    package func isShadowed(by earlier: Rule) -> Bool {
        // A bypass lets logins pass by of which something is unknown, and other actions do not.
        let mayPassBy = (earlier.when + earlier.unless).contains { $0.canBeUnknown }
        if earlier.action.kind == .bypass, action.kind != .bypass, mayPassBy { return false }
        return earlier.when.allSatisfy { theirs in theirs.isAlwaysTrue || when.contains { $0.implies(theirs) } }
            && earlier.unless.allSatisfy { theirs in
                unless.contains { theirs.implies($0) } || when.contains { $0.excludes(theirs) }
            }
    }

    /// Two conditions that never hold together, or one that never holds, in words.
    package var contradiction: String? {
        for left in when {
            if case .group(let group) = left, group.contradictsItself { return "\(left.text) asks for what it forbids" }
            if let right = unless.first(where: { left.implies($0) || $0.isAlwaysTrue }) {
                return "unless \(right.text) leaves nothing of \(left.text)"
            }
            if let right = when.first(where: { left.isImpossible(with: $0) }) {
                return "\(left.text) and \(right.text) never hold together"
            }
        }
        return unless.first { $0.isAlwaysTrue }.map { "unless \($0.text) always applies" }
    }

    /// Whether it can match root, as far as the names of users and groups tell.
    package var catchesRoot: Bool {
        let isLeftOut = unless.contains { condition in
            switch condition {
            case .user(let names): names.contains("root")
            case .group(let groups): groups == GroupCondition(any: ["root"])
            case .service, .address, .tty, .publickey, .enabled, .time: false
            }
        }
        let isMeant = when.allSatisfy { condition in
            switch condition {
            case .user(let names): names.contains("root")
            case .group(let groups):
                groups.all.allSatisfy { $0 == "root" } && (groups.any.isEmpty || groups.any.contains("root"))
                    && !groups.not.contains("root")
            case .service, .address, .tty, .publickey, .enabled, .time: true
            }
        }
        return isMeant && !isLeftOut
    }

    /// This rule for the logins of root alone.
    package var forRoot: Rule {
        let others = when.filter { $0.keyword != .user }
        return Rule(name: name, when: [.user(["root"])] + others, unless: unless, action: action)
    }

    /// Whether it can match a login over the network.
    package var canHaveClientAddress: Bool {
        let everywhere = ["0.0.0.0/0", "::/0"].compactMap { AddressRange($0).map(ClientPlace.range) }
        return when.allSatisfy { condition in
            switch condition {
            case .address(let places): places.contains { $0 != .local }
            case .service(let patterns):
                !patterns.allSatisfy { !$0.isGlob && (RememberScope.switches + RememberScope.doors).contains($0.name) }
            case .user, .group, .tty, .publickey, .enabled, .time: true
            }
        } && !unless.contains { Condition.address(everywhere).implies($0) }
    }

    package var asksForTime: Bool { (when + unless).contains { $0.keyword == .time } }
}

extension Condition {
    /// Facts that exclude each other because of what sshd alone has.
    fileprivate func isImpossible(with other: Condition) -> Bool {
        guard case .service(let patterns) = self else { return false }
        switch other {
        case .publickey(true):
            return patterns.allSatisfy {
                !$0.isGlob && (RememberScope.switches + RememberScope.doors).contains($0.name)
            }
        case .address(let places):
            return places.allSatisfy { $0 == .local } && patterns.allSatisfy { $0.name == "sshd" }
        case .service, .user, .group, .tty, .publickey, .enabled, .time:
            return false
        }
    }
}
