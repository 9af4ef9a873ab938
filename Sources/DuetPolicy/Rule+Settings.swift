extension Rule {
    /// The rule with all that is in force for it, defaults included, as the configuration writes it.
    package var settings: [Setting.Entry] {
        var entries = [Setting.Entry("name", .text(name))]
        for (key, conditions) in [("when", when), ("unless", unless)] where !conditions.isEmpty {
            entries.append(.init(key, .table(conditions.map { .init($0.keyword.rawValue, $0.setting) })))
        }
        entries.append(.init("action", .text(action.kind.rawValue)))
        switch action {
        case .require(let requirement): entries += requirement.settings
        case .bypass(let verdict): entries.append(.init("verdict", .text(verdict.rawValue)))
        case .deny(let text): entries += text.map { [.init("text", .text($0))] } ?? []
        }
        return entries
    }

    var composedFingerprint: String {
        let zones = (when + unless).compactMap { condition in
            if case .time(let window) = condition { window.zone.footer } else { nil }
        }
        let all = [Setting.Entry("version", .number(1))] + settings + [.init("zones", .texts(zones))]
        return Setting.table(all).toml
    }
}

extension Requirement {
    /// Every key of `[login]`, and of a rule that requires Duo.
    package var settings: [Setting.Entry] {
        var entries: [Setting.Entry] = [.init("factors", .texts(factors.map(\.rawValue)))]
        if let defaultFactor { entries.append(.init("default_factor", .text(defaultFactor.rawValue))) }
        entries += [
            .init("autopush", autopush == .off ? .flag(false) : .text(autopush.rawValue)),
            .init("prompts", .number(prompts)),
            .init("verified_push", .flag(verifiedPush)),
            .init("fail", .text(fail.rawValue)),
            .init("timeout", .text(timeout.settingText)),
            .init("remember", remember?.setting ?? .flag(false)),
            .init("application", .text(application)),
        ]
        if let promptText { entries.append(.init("prompt_text", .text(promptText))) }
        return entries
    }
}

extension Remember {
    fileprivate var setting: Setting {
        var entries = [Setting.Entry("scope", .text(scope.rawValue))]
        if allow > .zero { entries.append(.init("allow", .text(allow.settingText))) }
        if deny > .zero { entries.append(.init("deny", .text(deny.settingText))) }
        if let uses { entries.append(.init("uses", .number(uses))) }
        return .table(entries)
    }
}
