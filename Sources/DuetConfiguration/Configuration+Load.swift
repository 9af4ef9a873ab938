import DuetPolicy
import FoundationEssentials
import Glibc

extension Configuration {
    /// Bytes of a configuration file at most.
    private static let sizeCap = 1 << 20

    /// Reads, parses and checks the file at `path`, and reports everything that is wrong with it at once.
    package static func load(path: String) throws(ConfigurationError) -> Configuration {
        let text = try read(path)
        let reader = ConfigurationReader(text: text)
        let root: TOMLNode
        do {
            root = try TOMLNode.parse(text)
        } catch {
            reader.report(error.message, at: error.position, hint: "the file is TOML: key = \"value\", tables as [duo]")
            throw ConfigurationError(path: path, problems: reader.sortedProblems)
        }
        let document = TableReader(name: "", node: root, reader: reader)
        document.refuseUnknown(known: ["duo", "login", "push"])
        if document["duo"] == nil {
            reader.report("there is no table [duo]", at: nil, hint: "it names the Duo application: integration_key, …")
        }
        let files = SecretFileReader(documentPath: path)
        let duo = document["duo"] == nil ? nil : DuoSettings(document.table("duo"), files: files, reader: reader)
        let login = requirement(document.table("login"))
        let push = PushWording(document.table("push"))
        guard let duo, reader.problems.isEmpty else {
            throw ConfigurationError(path: path, problems: reader.sortedProblems)
        }
        return Configuration(duo: duo, login: login, push: push)
    }

    private static func requirement(_ table: TableReader) -> Requirement {
        table.refuseUnknown(
            known: ["factors", "default_factor", "autopush", "prompts", "verified_push", "fail", "timeout"],
            foreign: ["failmode": "duo_unix's failmode is fail = \"closed\" or \"open\" here"])
        var requirement = Requirement.standard
        let safe = ["safe": "duo_unix's safe is \"open\" here", "secure": "duo_unix's secure is \"closed\" here"]
        if let factors: [Factor] = table.choices("factors") { requirement.factors = factors }
        if let factor: Factor = table.choice("default_factor") { requirement.defaultFactor = factor }
        if let autopush: Autopush = table.choice("autopush") { requirement.autopush = autopush }
        if let prompts = table.integer("prompts", in: Requirement.promptCounts) { requirement.prompts = prompts }
        if let verified = table.boolean("verified_push") { requirement.verifiedPush = verified }
        if let fail: FailMode = table.choice("fail", foreign: safe) { requirement.fail = fail }
        if let timeout = table.duration("timeout", in: Requirement.timeouts) { requirement.timeout = timeout }
        if let factor = requirement.defaultFactor, !requirement.factors.contains(factor) {
            table.refuse("default_factor", "is not one of \"factors\"", hint: "add \"\(factor.rawValue)\" to factors")
        }
        return requirement
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
