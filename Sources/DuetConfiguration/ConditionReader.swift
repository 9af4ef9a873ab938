import DuetPolicy

/// Reads a table `when` or `unless`: one condition a key.
struct ConditionReader {
    let zones: TimeZoneReader

    private static let foreign = [
        "services": "the key is \"service\"", "users": "the key is \"user\"", "groups": "the key is \"group\"",
        "rhost": "client addresses are \"address\" here", "ip": "client addresses are \"address\" here",
        "network": "client addresses are \"address\" here", "key": "the key is \"publickey\"",
        "not": "what must not hold stands in a table of its own: unless = { … }",
    ]

    /// In an order of their own, so that a rule's explanation does not depend on how TOML sorts.
    func conditions(_ table: TableReader) -> [Condition] {
        let keywords = Condition.Keyword.allCases
        table.refuseUnknown(known: keywords.map(\.rawValue), foreign: Self.foreign)
        return keywords.compactMap { condition($0, table) }
    }

    private func condition(_ keyword: Condition.Keyword, _ table: TableReader) -> Condition? {
        let key = keyword.rawValue
        guard table[key] != nil else { return nil }
        switch keyword {
        case .service: return services(table).map { .service($0) }
        case .user: return names(key, table, example: "alice").map { .user($0) }
        case .group: return group(table).map { .group($0) }
        case .address: return places(table).map { .address($0) }
        case .tty: return table.boolean(key).map { .tty($0) }
        case .publickey: return table.boolean(key).map { .publickey($0) }
        case .enabled: return table.boolean(key).map { .enabled($0) }
        case .time: return time(table.table(key)).map { .time($0) }
        }
    }

    private func services(_ table: TableReader) -> [ServicePattern]? {
        table.texts("service", example: "sshd")?.compactMap { text, position in
            guard !text.isEmpty, text.utf8.count <= 255, text.isPlainLine, !text.contains("/") else {
                table.reader.report(
                    "\"\(text)\" is no PAM service", at: position, hint: "the file's name in /etc/pam.d")
                return nil
            }
            guard !text.contains("[") else {
                table.reader.report("\"\(text)\" is no pattern", at: position, hint: "only * and ? are special")
                return nil
            }
            return ServicePattern(text)
        }
    }

    private func names(_ key: String, _ table: TableReader, example: String) -> [ExactName]? {
        table.texts(key, example: example)?.compactMap { text, position in
            guard !text.isEmpty, text.utf8.count <= 256, text.isPlainLine, !text.contains(":") else {
                table.reader.report("\"\(text)\" is no name", at: position)
                return nil
            }
            guard !text.contains("*"), !text.hasPrefix("%"), !text.hasPrefix("@") else {
                table.reader.report(
                    "\"\(text)\" is no name: there are no patterns here", at: position,
                    hint: "name each one; members of a group are group = [\"\(text.drop { "%@*".contains($0) })\"]")
                return nil
            }
            return ExactName(text)
        }
    }

    /// `["a", "b"]` is short for `{ any = ["a", "b"] }`.
    private func group(_ table: TableReader) -> GroupCondition? {
        guard case .table? = table["group"]?.value else {
            return names("group", table, example: "wheel").map { GroupCondition(any: $0) }
        }
        let group = table.table("group")
        group.refuseUnknown(
            known: ["any", "all", "not"], foreign: ["none": "the key is \"not\"", "or": "the key is \"any\""])
        let condition = GroupCondition(
            any: names("any", group, example: "wheel") ?? [], all: names("all", group, example: "wheel") ?? [],
            not: names("not", group, example: "wheel") ?? [])
        if group.nodes.isEmpty {
            table.note(.error, at: "group", "\"group\" asks nothing", hint: "write group = { any = [\"wheel\"] }")
        }
        return condition
    }

    private func places(_ table: TableReader) -> [ClientPlace]? {
        table.texts("address", example: "192.0.2.0/24")?.compactMap { text, position in
            if text == "local" { return .local }
            guard let range = AddressRange(text) else {
                let hint =
                    SpellingHint.nearest(to: text, in: ["local"]).map { "did you mean \"\($0)\"?" }
                    ?? "\"192.0.2.0/24\", \"2001:db8::/32\" or \"local\"; host names are not looked up"
                table.reader.report("\"\(text)\" is no client address", at: position, hint: hint)
                return nil
            }
            if range.hadHostBits {
                table.reader.report(
                    "\"\(text)\" has bits behind its prefix", at: position, hint: "did you mean \"\(range)\"?")
            }
            return .range(range)
        }
    }

    private func time(_ table: TableReader) -> TimeWindow? {
        table.refuseUnknown(
            known: ["days", "hours", "zone"],
            foreign: ["day": "the key is \"days\"", "hour": "the key is \"hours\"", "timezone": "the key is \"zone\""])
        guard table["days"] != nil || table["hours"] != nil else {
            table.reader.report(
                "\"time\" names neither days nor hours", at: table.position,
                hint: "write time = { days = [\"mon-fri\"], hours = [\"08:00-18:00\"] }")
            return nil
        }
        let named = table["days"] == nil ? Set(Weekday.allCases) : days(table)
        let hours = table["hours"] == nil ? [] : self.hours(table)
        guard let zone = zone(table), let named, let hours else { return nil }
        return TimeWindow(days: Weekday.allCases.filter(named.contains), hours: hours, zone: zone)
    }

    /// `mon`, or `mon-fri`, which may go over Sunday.
    private func days(_ table: TableReader) -> Set<Weekday>? {
        table.texts("days", example: "mon-fri").map { texts in
            var days: Set<Weekday> = []
            for (text, position) in texts {
                let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
                    Weekday(rawValue: String($0))
                }
                guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else {
                    let near = SpellingHint.nearest(to: text, in: Weekday.allCases.map(\.rawValue))
                    table.reader.report(
                        "\"\(text)\" is no day", at: position,
                        hint: near.map { "did you mean \"\($0)\"?" } ?? "mon, tue, wed, thu, fri, sat, sun, or mon-fri")
                    continue
                }
                var day = first
                days.insert(day)
                while day != last {
                    day = Weekday.allCases[(day.index + 1) % 7]
                    days.insert(day)
                }
            }
            return days
        }
    }

    private func hours(_ table: TableReader) -> [HourSpan]? {
        table.texts("hours", example: "08:00-18:00")?.compactMap { text, position in
            if let span = HourSpan(text) { return span }
            table.reader.report(
                "\"\(text)\" is no span of hours", at: position,
                hint: "HH:MM-HH:MM, from 00:00 to 24:00; over midnight as 22:00-06:00")
            return nil
        }
    }

    private func zone(_ table: TableReader) -> TimeZoneRules? {
        guard table["zone"] != nil else { return zones.local }
        guard let (text, position) = table.string("zone") else { return nil }
        if let zone = zones.zone(named: text) { return zone }
        table.reader.report(
            "this host knows no time zone \"\(text)\"", at: position,
            hint: "a name such as \"Europe/Berlin\" or \"UTC\", from \(zones.files.timeZones) (package tzdata)")
        return nil
    }
}
