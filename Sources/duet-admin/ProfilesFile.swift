import DuetConfiguration
import DuoAPI
import DuoAdminAPI
import Glibc
import Secrets

/// Reads one profile of admin.toml, and tells everything that is wrong with it, with its place.
struct ProfilesFile {
    let path: String
    private let reader: ConfigurationReader
    private let document: TableReader

    static var standardPath: String { home + "/.config/duet/admin.toml" }

    private static var home: String {
        if let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") { return home }
        return getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) } ?? "/"
    }

    init(path: String) throws(Refusal) {
        self.path = path
        guard access(path, F_OK) == 0 || errno != ENOENT else { throw Refusal(sentence: Self.example(path)) }
        let secret = try PrivateFile.read(path)
        guard let text = secret.withBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw Refusal(sentence: "\(path) is not UTF-8")
        }
        let reader = ConfigurationReader(text: text)
        self.reader = reader
        do {
            document = TableReader(name: "", node: try TOMLNode.parse(text), reader: reader)
        } catch {
            reader.report(
                error.message, at: error.position, hint: "the file is TOML: key = \"value\", tables as [work]")
            throw Self.refusal(path, reader)
        }
    }

    /// The one named; else the one that `profile` names; else the only one.
    func profile(named wanted: String?) throws(Refusal) -> Profile {
        let names = document.nodes.keys.filter { $0 != "profile" }.sorted()
        let standard = document.string("profile")?.text
        guard !reader.hasErrors else { throw Self.refusal(path, reader) }
        guard let name = wanted ?? standard ?? (names.count == 1 ? names[0] : nil) else {
            throw Refusal(
                sentence: names.isEmpty
                    ? "\(path) has no profile: write a table such as [work]"
                    : "\(path) has the profiles \(names.joined(separator: ", ")): choose one with --profile")
        }
        guard names.contains(name) else {
            throw Refusal(
                sentence: "\(path) has no profile \"\(Printable(name, limit: 64).text)\"; there are: "
                    + names.joined(separator: ", "))
        }
        let profile = read(document.table(name), name)
        guard let profile, !reader.hasErrors else { throw Self.refusal(path, reader) }
        return profile
    }

    private func read(_ table: TableReader, _ name: String) -> Profile? {
        let kinds = APIKind.allCases.map(\.rawValue)
        table.refuseUnknown(
            known: ["api_host", "ca_file"] + kinds,
            foreign: [
                "integration_key": "keys stand in the table of their application: [\(name).admin]",
                "secret_key": "keys stand in the table of their application: [\(name).admin]",
            ])
        let host = table.required("api_host", example: "api-XXXXXXXX.duosecurity.com")
        let caFile = table.string("ca_file").map { expanded($0.text) }
        var applications: [APIKind: Credentials] = [:]
        for kind in APIKind.allCases where table.nodes[kind.rawValue] != nil {
            applications[kind] = credentials(table.table(kind.rawValue), "\(name).\(kind.rawValue)")
        }
        if applications.isEmpty, !reader.hasErrors {
            reader.report(
                "[\(name)] has no keys", at: table.position,
                hint: "add [\(name).admin] with integration_key and secret_key")
        }
        guard let host else { return nil }
        guard let apiHost = APIHost(host.text) else {
            reader.report("\"api_host\" is no host name", at: host.position, hint: "api-XXXXXXXX.duosecurity.com")
            return nil
        }
        return Profile(name: name, host: apiHost, caFile: caFile, applications: applications, path: path)
    }

    private func credentials(_ table: TableReader, _ name: String) -> Credentials? {
        table.refuseUnknown(known: ["integration_key", "secret_key", "secret_key_file"])
        let inline = table.string("secret_key")
        let file = table.string("secret_key_file")
        if let inline, file != nil {
            reader.report("[\(name)] has both \"secret_key\" and \"secret_key_file\"", at: inline.position)
        } else if inline == nil, file == nil {
            reader.report(
                "[\(name)] has no \"secret_key\"", at: table.position,
                hint: "add secret_key, or secret_key_file = \"~/.config/duet/…\" or \"credential:NAME\"")
        }
        var secret: Secret?
        if let inline { secret = checked(Secret(inline.text), at: inline.position, "\"secret_key\"") }
        if let file { secret = read(file.text, at: file.position) }
        guard let key = table.required("integration_key", example: "DIXXXXXXXXXXXXXXXXXX") else { return nil }
        guard key.text.wholeMatch(of: /DI[A-Z0-9]{18}/) != nil else {
            reader.report(
                "\"integration_key\" must be DI and 18 capital letters or digits", at: key.position,
                hint: "copy it from the application's page in the Duo Admin Panel")
            return nil
        }
        return secret.map { Credentials(integrationKey: key.text, secretKey: $0) }
    }

    private func read(_ place: String, at position: SourcePosition) -> Secret? {
        let path = expanded(place)
        do throws(Refusal) {
            let content: Secret
            if let match = place.wholeMatch(of: /credential:([A-Za-z0-9_\-][A-Za-z0-9_.\-]{0,127})/) {
                content = try PrivateFile.readCredential(String(match.1))
            } else if path.hasPrefix("/") {
                content = try PrivateFile.read(path)
            } else {
                reader.report(
                    "\"secret_key_file\" must be a path that begins with / or ~/", at: position,
                    hint: "or a credential of systemd's: credential:NAME")
                return nil
            }
            return checked(content.withoutOuterSpace, at: position, "the key in \(place)")
        } catch {
            reader.report(error.sentence, at: position)
            return nil
        }
    }

    private func checked(_ secret: Secret, at position: SourcePosition, _ what: String) -> Secret? {
        let isSound = secret.withBytes { bytes in
            bytes.count == 40
                && bytes.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                }
        }
        if isSound { return secret }
        reader.report(
            "\(what) must be 40 letters or digits; this has \(secret.count) characters", at: position,
            hint: "copy it from the application's page in the Duo Admin Panel")
        return nil
    }

    private func expanded(_ path: String) -> String { path.hasPrefix("~/") ? Self.home + path.dropFirst() : path }

    private static func refusal(_ path: String, _ reader: ConfigurationReader) -> Refusal {
        Refusal(sentence: reader.errors.map { $0.rendered(path: path) }.joined(separator: "\n"))
    }

    private static func example(_ path: String) -> String {
        """
        there is no \(path). Write it, with mode 0600:
          [work]
          api_host = "api-XXXXXXXX.duosecurity.com"
          [work.admin]
          integration_key = "DIXXXXXXXXXXXXXXXXXX"
          secret_key = "…"
        """
    }
}

extension Secret {
    fileprivate var withoutOuterSpace: Secret {
        withBytes { bytes in
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
            return Secret(bytes: Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()))
        }
    }
}
