extension Condition {
    /// The key of a condition in the configuration.
    package enum Keyword: String, Sendable, CaseIterable {
        case service, user, group, address, tty, publickey, enabled, time
    }

    package var keyword: Keyword {
        switch self {
        case .service: .service
        case .user: .user
        case .group: .group
        case .address: .address
        case .tty: .tty
        case .publickey: .publickey
        case .enabled: .enabled
        case .time: .time
        }
    }

    /// As the configuration writes it.
    package var setting: Setting {
        switch self {
        case .service(let patterns): .texts(patterns.map(\.text))
        case .user(let names): .texts(names.map(\.description))
        case .group(let condition):
            .table(
                [("any", condition.any), ("all", condition.all), ("not", condition.not)].filter { !$1.isEmpty }
                    .map { Setting.Entry($0, .texts($1.map(\.description))) })
        case .address(let places): .texts(places.map(\.description))
        case .tty(let flag), .publickey(let flag), .enabled(let flag): .flag(flag)
        case .time(let window): window.setting
        }
    }

    /// `service = ["sshd"]`.
    package var text: String { "\(keyword.rawValue) = \(setting.toml)" }

    /// The fact that decides, in words.
    package func fact(_ facts: RuleFacts) -> String {
        switch self {
        case .service: "the service is \(facts.service)"
        case .user: "the user is \(facts.user)"
        case .group:
            switch facts.groups {
            case .known(let groups) where groups.isEmpty: "\(facts.user) is in no group"
            case .known(let groups): "\(facts.user) is in " + groups.map(\.description).sorted().joined(separator: ", ")
            case .unknown: "the groups of \(facts.user) could not be found out"
            }
        case .address:
            switch facts.client {
            case .none where facts.isOnConsole: "there is no client address, and the terminal is this machine's own"
            case .none: "there is no client address, and the terminal is not this machine's own"
            case .address(let address): "the client is \(address)"
            case .unclear: "the client gave no numeric address"
            }
        case .tty: facts.hasTerminal ? "the terminal is \(facts.tty ?? "")" : "there is no terminal"
        case .publickey: facts.usedPublicKey ? "a key was accepted" : "no key was accepted"
        case .enabled:
            switch facts.isEnabled {
            case true?: "\(facts.user) is managed"
            case false?: "\(facts.user) is not managed"
            case nil: "whether \(facts.user) is managed could not be found out"
            }
        case .time(let window):
            "it is \(window.zone.clockText(at: facts.time))"
        }
    }
}

extension TimeWindow {
    fileprivate var setting: Setting {
        var entries: [Setting.Entry] = []
        if days != Weekday.allCases { entries.append(.init("days", .texts(days.map(\.rawValue)))) }
        if !hours.isEmpty { entries.append(.init("hours", .texts(hours.map(\.description)))) }
        if let name = zone.name { entries.append(.init("zone", .text(name))) }
        return .table(entries)
    }
}

extension TimeZoneRules {
    /// `mon 14:05 in Europe/Berlin`.
    fileprivate func clockText(at time: Int64) -> String {
        let (day, minute) = clock(at: time)
        let parts = [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(day.rawValue) \(parts[0]):\(parts[1])" + (name.map { " in \($0)" } ?? "")
    }
}
