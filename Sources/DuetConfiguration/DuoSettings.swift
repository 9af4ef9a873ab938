package import Secrets

/// The table `[duo]`: which Duo application this host is, and how it is reached.
package struct DuoSettings: Sendable {
    /// `DI` and 18 letters or digits.
    package let integrationKey: String
    /// 40 letters or digits, used as they are as the HMAC key.
    package let secretKey: Secret
    /// `api-XXXXXXXX.duosecurity.com`; a port may follow.
    package let apiHost: String
    package let authorities: Authorities
    /// The one way to Duo, where there is one; the environment's proxies are never used.
    package let proxy: ProxySettings?
    /// For name lookup, TCP and TLS of one connection.
    package let connectTimeout: Duration
    /// How long Duo may take to say who may log in with what; after it the fail mode decides.
    package let preauthTimeout: Duration
    /// How long the answer may serve the same person's next logins too; zero: each login asks.
    package let preauthReuse: Duration
    /// How long a connection to Duo may be silent while people log in; nil: as long as Duo likes.
    package let keepalive: Duration?
    /// Connections to Duo at once. Every push that waits for its person holds one.
    package let maxConnections: Int

    package static let standardConnectTimeout = Duration.seconds(3)
    package static let standardPreauthTimeout = Duration.seconds(5)
    package static let standardKeepalive = Duration.seconds(45)
    package static let standardMaxConnections = 4_096
    /// Where what comes with Duet lies.
    package static let shareFolder = "/usr/share/duet"

    /// Which certificate authorities may speak for Duo. There is no way to switch verification off.
    package enum Authorities: Sendable, Equatable {
        /// The distribution's.
        case system
        /// Those that Duo names for its clients, as shipped with Duet.
        case duo
        /// Those in a PEM file.
        case file(String)
    }
}

extension DuoSettings {
    private static let keys = [
        "integration_key", "secret_key", "secret_key_file", "api_host", "ca_file", "proxy", "proxy_file",
        "connect_timeout", "preauth_timeout", "preauth_reuse", "keepalive", "max_connections",
    ]
    private static let foreign = [
        "ikey": "duo_unix's ikey is integration_key here", "skey": "duo_unix's skey is secret_key here",
        "host": "duo_unix's host is api_host here", "cafile": "duo_unix's cafile is ca_file here",
        "http_proxy": "duo_unix's http_proxy is proxy here",
        "https_timeout": "duo_unix's https_timeout is preauth_timeout here",
        "failmode": "duo_unix's failmode is fail = \"closed\" or \"open\" in [login] here",
        "fail": "fail belongs into [login]",
        "timeout": "timeout belongs into [login]; connect_timeout and preauth_timeout are here",
    ]

    /// nil when something is wrong; `reader` knows what.
    init?(_ table: TableReader, files: SecretFileReader, reader: ConfigurationReader) {
        table.refuseUnknown(known: Self.keys, foreign: Self.foreign)
        let key = Self.integrationKey(table, reader)
        let host = Self.apiHost(table, reader)
        let secret = Self.secretKey(table, files, reader)
        let authorities = Self.authorities(table, reader)
        let proxy = Self.proxy(table, files, reader)
        let connect = table.duration("connect_timeout", in: .seconds(1) ... .seconds(10))
        let preauth = table.duration("preauth_timeout", in: .seconds(2) ... .seconds(30))
        let reuse = table.duration("preauth_reuse", in: .zero ... .seconds(60))
        let keepalive = Self.keepalive(table)
        let connections = table.integer("max_connections", in: 4...Self.standardMaxConnections)
        guard let key, let host, let secret, let authorities else { return nil }
        integrationKey = key
        secretKey = secret
        apiHost = host
        self.authorities = authorities
        self.proxy = proxy
        connectTimeout = connect ?? Self.standardConnectTimeout
        preauthTimeout = preauth ?? Self.standardPreauthTimeout
        preauthReuse = reuse ?? .zero
        self.keepalive = keepalive
        maxConnections = connections ?? Self.standardMaxConnections
    }

    /// `false`, or a duration.
    private static func keepalive(_ table: TableReader) -> Duration? {
        if case .boolean(false)? = table["keepalive"]?.value { return nil }
        return table.duration("keepalive", in: .seconds(10) ... .seconds(110)) ?? standardKeepalive
    }

    private static func integrationKey(_ table: TableReader, _ reader: ConfigurationReader) -> String? {
        guard let (text, position) = table.required("integration_key", example: "DIXXXXXXXXXXXXXXXXXX") else {
            return nil
        }
        guard text.hasPrefix("DI"), NameForm.integrationKey.holds(for: text.dropFirst(2)) else {
            reader.report(
                "\"integration_key\" must be DI and 18 capital letters or digits; this has \(text.count) characters",
                at: position, hint: "copy it from the application's page in Duo's admin panel")
            return nil
        }
        return text
    }

    private static func apiHost(_ table: TableReader, _ reader: ConfigurationReader) -> String? {
        guard let (text, position) = table.required("api_host", example: "api-XXXXXXXX.duosecurity.com") else {
            return nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let nameIsSound = NameForm.host.holds(for: parts[0])
        let portIsSound = parts.count == 1 || (parts.count == 2 && UInt16(parts[1]).map { $0 > 0 } == true)
        guard nameIsSound && portIsSound else {
            let hint =
                text.contains("/")
                ? "only the host: no https://, no path" : "it looks like api-XXXXXXXX.duosecurity.com"
            reader.report("\"api_host\" is not a host name", at: position, hint: hint)
            return nil
        }
        return text.lowercased()
    }

    private static func secretKey(
        _ table: TableReader, _ files: SecretFileReader, _ reader: ConfigurationReader
    ) -> Secret? {
        let inline = table.string("secret_key")
        let file = table.string("secret_key_file")
        if let inline, let file {
            reader.report(
                "\"secret_key\" and \"secret_key_file\" exclude each other", at: max(inline.position, file.position),
                hint: "keep secret_key_file and remove the other")
            return nil
        }
        if let (path, position) = file { return files.read(path, at: position, reader: reader) }
        if let (text, position) = inline {
            guard files.documentIsPrivate(reader: reader, at: position) else { return nil }
            return files.checked(Secret(text), at: position, reader: reader)
        }
        if table["secret_key"] == nil && table["secret_key_file"] == nil {
            reader.report(
                "[\(table.name)] has neither \"secret_key_file\" nor \"secret_key\"", at: table.position,
                hint: "add secret_key_file = \"/etc/duet/secret_key\"")
        }
        return nil
    }

    private static func authorities(_ table: TableReader, _ reader: ConfigurationReader) -> Authorities? {
        guard table["ca_file"] != nil else { return .system }
        guard let (text, position) = table.string("ca_file") else { return nil }
        if text == "system" { return .system }
        if text == "duo" { return .duo }
        guard text.hasPrefix("/") else {
            reader.report(
                "\"ca_file\" must be \"system\", \"duo\" or an absolute path", at: position,
                hint: "leave it out to trust the authorities of this system")
            return nil
        }
        return .file(text)
    }
}

extension DuoSettings {
    private static func proxy(
        _ table: TableReader, _ files: SecretFileReader, _ reader: ConfigurationReader
    ) -> ProxySettings? {
        let inline = table.string("proxy")
        let file = table.string("proxy_file")
        if let inline, let file {
            reader.report(
                "\"proxy\" and \"proxy_file\" exclude each other", at: max(inline.position, file.position),
                hint: "keep one of them")
            return nil
        }
        let what = "the proxy's password"
        do throws(ProxySettings.Fault) {
            if let (path, position) = file {
                let url = files.content(of: path, key: "proxy_file", holding: what, at: position, reader: reader)
                return try url.map(ProxySettings.init(url:))
            }
            guard let (text, position) = inline else { return nil }
            let proxy = try ProxySettings(url: Secret(text))
            guard proxy.user == nil || files.documentIsPrivate(holding: what, reader: reader, at: position) else {
                return nil
            }
            return proxy
        } catch {
            table.refuse(file == nil ? "proxy" : "proxy_file", error.rawValue)
            return nil
        }
    }

    /// The PEM file to trust, or nil for the distribution's authorities.
    package var caFile: String? { caFile(shareFolder: Self.shareFolder) }

    package func caFile(shareFolder: String) -> String? {
        switch authorities {
        case .system: nil
        case .duo: shareFolder + "/duo-ca.pem"
        case .file(let path): path
        }
    }
}
