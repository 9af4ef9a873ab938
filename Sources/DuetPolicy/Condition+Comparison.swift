/// What can be said of two conditions without a login. Both err towards false: they serve warnings only.
extension Condition {
    /// Whether `other` holds for every login for which this holds.
    package func implies(_ other: Condition) -> Bool {
        switch (self, other) {
        case (.service(let own), .service(let other)):
            own.allSatisfy { pattern in other.contains { $0.covers(pattern) } }
        case (.user(let own), .user(let other)):
            Set(own).isSubset(of: other)
        case (.group(let own), .group(let other)):
            other.all.allSatisfy(own.all.contains) && other.not.allSatisfy(own.not.contains)
                && (other.any.isEmpty || !Set(own.all).isDisjoint(with: other.any)
                    || (!own.any.isEmpty && own.any.allSatisfy(other.any.contains)))
        case (.address(let own), .address(let other)):
            own.allSatisfy { place in other.contains { $0.covers(place) } }
        case (.tty(let own), .tty(let other)), (.publickey(let own), .publickey(let other)),
            (.enabled(let own), .enabled(let other)):
            own == other
        case (.time(let own), .time(let other)):
            (other.days.count == Weekday.allCases.count && other.hours.isEmpty)
                || (own.zone == other.zone && own.hours == other.hours && own.days.allSatisfy(other.days.contains))
        case (.service, _), (.user, _), (.group, _), (.address, _), (.tty, _), (.publickey, _), (.enabled, _),
            (.time, _):
            false
        }
    }

    /// Whether no login is such that both hold.
    package func excludes(_ other: Condition) -> Bool {
        switch (self, other) {
        case (.service(let own), .service(let other)):
            own.allSatisfy { pattern in other.allSatisfy { pattern.isApart(from: $0) } }
        case (.user(let own), .user(let other)):
            Set(own).isDisjoint(with: other)
        case (.group(let own), .group(let other)):
            own.isApart(from: other) || other.isApart(from: own)
        case (.address(let own), .address(let other)):
            own.allSatisfy { place in other.allSatisfy { !place.covers($0) && !$0.covers(place) } }
        case (.tty(let own), .tty(let other)), (.publickey(let own), .publickey(let other)),
            (.enabled(let own), .enabled(let other)):
            own != other
        case (.service, _), (.user, _), (.group, _), (.address, _), (.tty, _), (.publickey, _), (.enabled, _),
            (.time, _):
            false
        }
    }

    /// Whether it holds for every login, whatever its facts.
    package var isAlwaysTrue: Bool {
        switch self {
        case .service(let patterns): patterns.contains { $0.matchesEverything }
        case .time(let window): window.days.count == Weekday.allCases.count && window.hours.isEmpty
        case .user, .group, .address, .tty, .publickey, .enabled: false
        }
    }
}

extension ServicePattern {
    fileprivate func covers(_ other: ServicePattern) -> Bool {
        matchesEverything || self == other || (!other.isGlob && matches(other.name))
    }

    fileprivate func isApart(from other: ServicePattern) -> Bool {
        switch (isGlob, other.isGlob) {
        case (_, false): !matches(other.name)
        case (false, true): !other.matches(name)
        case (true, true): false
        }
    }
}

extension GroupCondition {
    /// Whether what this asks for is what `other` forbids.
    fileprivate func isApart(from other: GroupCondition) -> Bool {
        !Set(all).isDisjoint(with: other.not) || (!any.isEmpty && any.allSatisfy(other.not.contains))
    }

    /// Whether nobody can be in such groups.
    package var contradictsItself: Bool { isApart(from: self) }
}
