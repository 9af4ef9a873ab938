package import DuetPolicy
import FoundationEssentials
import Glibc

extension Configuration {
    /// Bytes of a configuration file at most.
    private static let sizeCap = 1 << 20

    /// Reads, parses and checks the file at `path`, and reports everything that is wrong with it at once.
    package static func load(path: String, system: SystemFiles = SystemFiles()) throws(ConfigurationError)
        -> Configuration
    {
        let text = try read(path)
        let reader = ConfigurationReader(text: text)
        let document = try parse(text, path: path, reader)
        let duo = ApplicationsReader(document.table("duo"))
        let applications =
            document["duo"] == nil
            ? [:] : duo.applications(files: SecretFileReader(documentPath: path), reader: reader)
        if document["duo"] == nil {
            reader.report("there is no table [duo]", at: nil, hint: "it names the Duo application: integration_key, …")
        }
        let push = PushSettingsReader().settings(document.table("push"))
        let shared = sharedAddresses(document.table("remember"))
        let log = LogSettings(document.table("log"))
        let metrics = MetricsSettings(document.table("metrics"))
        let (login, policy) = policy(document, applications: duo.names, system: system, reader)
        guard let standard = applications[Requirement.defaultApplication], !reader.hasErrors else {
            throw ConfigurationError(path: path, problems: reader.errors, warnings: reader.warnings)
        }
        return Configuration(
            duo: standard, applications: applications, login: login, push: push, sharedAddresses: shared,
            log: log, metrics: metrics, policy: policy, warnings: reader.warnings)
    }

    /// The policy of the file at `path` alone: for a file whose keys are not there yet, or not for the reader's eyes.
    package static func policy(path: String, system: SystemFiles = SystemFiles()) throws(ConfigurationError) -> Policy {
        let text = try read(path)
        let reader = ConfigurationReader(text: text)
        let document = try parse(text, path: path, reader)
        let names = ApplicationsReader(document.table("duo")).names
        let policy = policy(document, applications: names, system: system, reader).policy
        guard !reader.hasErrors else {
            throw ConfigurationError(path: path, problems: reader.errors, warnings: reader.warnings)
        }
        return policy
    }

    private static func parse(
        _ text: String, path: String, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> TableReader {
        do {
            let document = TableReader(name: "", node: try TOMLNode.parse(text), reader: reader)
            document.refuseUnknown(
                known: ["duo", "login", "push", "remember", "log", "metrics", "rule", "names"],
                foreign: ["rules": "each rule is a table [[rule]]"])
            return document
        } catch {
            reader.report(error.message, at: error.position, hint: "the file is TOML: key = \"value\", tables as [duo]")
            throw ConfigurationError(path: path, problems: reader.errors)
        }
    }

    private static func sharedAddresses(_ table: TableReader) -> [AddressRange] {
        table.refuseUnknown(
            known: ["shared_addresses"],
            foreign: [
                "allow": "what a rule remembers stands in the rule: remember = { allow = \"15m\", scope = \"tty\" }"
            ])
        return table.texts("shared_addresses", example: "192.0.2.0/24")?.compactMap { text, position in
            if let range = AddressRange(text) { return range }
            table.reader.report(
                "\"\(text)\" is no client address", at: position, hint: "\"192.0.2.0/24\" or \"2001:db8::1\"")
            return nil
        } ?? []
    }

    private static func policy(
        _ document: TableReader, applications: [String], system: SystemFiles, _ reader: ConfigurationReader
    ) -> (login: Requirement, policy: Policy) {
        let requirements = RequirementReader(applications: applications)
        let table = document.table("login")
        table.refuseUnknown(known: RequirementReader.keys, foreign: RequirementReader.foreign)
        let login = requirements.requirement(table, base: .standard)
        let names = NamesReader(files: system, reader: reader).rule(document.table("names"))
        guard document["rule"] != nil else {
            let policy = Policy(login: login, names: names)
            let placed = policy.rules.map { RuleReader.Placed(rule: $0, table: table) }
            RuleReview(rules: placed, isWhole: true).run()
            return (login, policy)
        }
        let tables = document.tables("rule")
        let rules = RuleReader(
            login: login, requirements: requirements,
            conditions: ConditionReader(zones: TimeZoneReader(files: system)))
        let placed = tables.compactMap(rules.rule)
        if tables.isEmpty, !reader.hasErrors {
            document.refuse("rule", "is empty: nobody could log in", hint: "leave it out, and [login] is for everybody")
        }
        RuleReview(rules: placed, isWhole: placed.count == tables.count && !reader.hasErrors).run()
        return (login, Policy(rules: placed.map(\.rule), names: names))
    }

    private static func read(_ path: String) throws(ConfigurationError) -> String {
        func refuse(_ message: String, hint: String?) -> ConfigurationError {
            let problem = Problem(position: nil, message: message, hint: hint, excerpt: nil)
            return ConfigurationError(path: path, problems: [problem])
        }
        errno = 0
        guard let data = FileManager.default.contents(atPath: path) else {
            let why = String(cString: strerror(errno == 0 ? EISDIR : errno))
            throw refuse("cannot be read: \(why)", hint: "write one, or name another with --config")
        }
        guard data.count <= sizeCap else { throw refuse("is larger than 1 MiB", hint: nil) }
        guard let text = String(validating: data, as: UTF8.self) else { throw refuse("is not UTF-8", hint: nil) }
        return text
    }
}
