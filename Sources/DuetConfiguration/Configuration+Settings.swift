package import DuetPolicy

extension Configuration {
    /// What stands in the place of every secret.
    package static let redacted = "<redacted>"

    /// All that is in force, defaults included, without secrets.
    package var settings: Setting {
        let others = applications.filter { $0.key != Requirement.defaultApplication }.sorted { $0.key < $1.key }
        let duo = duo.settings + others.map { .init($0.key, .table($0.value.settings)) }
        return .table([
            .init("duo", .table(duo)), .init("log", .table(log.settings)), .init("login", .table(login.settings)),
            .init("metrics", .table(metrics.settings)), .init("names", .table(policy.names.settings)),
            .init("push", .table(push.settings)),
            .init("remember", .table(rememberSettings)),
            .init("rule", .list(policy.rules.map { .table($0.settings) })),
        ])
    }

    /// `settings` as a configuration file.
    package var toml: String {
        let others = applications.filter { $0.key != Requirement.defaultApplication }.sorted { $0.key < $1.key }
        let applications = [("[duo]", duo.settings)] + others.map { ("[duo.\($0.key)]", $0.value.settings) }
        let optional = [("[remember]", rememberSettings), ("[log]", log.settings), ("[metrics]", metrics.settings)]
        let rules = policy.rules.map { ("[[rule]]", $0.settings) }
        let tables =
            applications + [("[login]", login.settings), ("[names]", policy.names.settings), ("[push]", push.settings)]
            + optional.filter { !$0.1.isEmpty } + rules
        return tables.map { head, entries in
            ([head] + entries.map { "\($0.key) = \($0.value.toml)" }).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

extension Configuration {
    private var rememberSettings: [Setting.Entry] {
        sharedAddresses.isEmpty ? [] : [.init("shared_addresses", .texts(sharedAddresses.map(\.description)))]
    }
}

extension DuoSettings {
    fileprivate var settings: [Setting.Entry] {
        [
            .init("integration_key", .text(integrationKey)), .init("secret_key", .text(Configuration.redacted)),
            .init("api_host", .text(apiHost)), .init("ca_file", .text(authoritiesText)),
            .init("connect_timeout", .text(connectTimeout.settingText)),
            .init("preauth_timeout", .text(preauthTimeout.settingText)),
            .init("preauth_reuse", .text(preauthReuse.settingText)),
            .init("keepalive", keepalive.map { .text($0.settingText) } ?? .flag(false)),
            .init("max_connections", .number(maxConnections)),
        ] + (proxy.map { [.init("proxy", .text($0.settingText))] } ?? [])
    }
}

extension DuoSettings {
    private var authoritiesText: String {
        switch authorities {
        case .system: "system"
        case .duo: "duo"
        case .file(let path): path
        }
    }
}

extension ProxySettings {
    /// With nothing of the credentials in it.
    fileprivate var settingText: String {
        "http://\(user == nil ? "" : Configuration.redacted + "@")\(host):\(port)"
    }
}
