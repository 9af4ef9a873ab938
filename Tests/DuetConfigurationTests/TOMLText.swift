import DuetConfiguration
import FoundationEssentials

/// A configuration in a text, read from a file of its own.
struct TOMLText {
    static let duo = """
        [duo]
        integration_key = "DIXXXXXXXXXXXXXXXXXX"
        secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
        api_host = "api-1234abcd.duosecurity.com"

        """

    let text: String
    var system = SystemFiles(loginDefinitions: "/nonexistent")

    func load() throws -> Configuration {
        try TemporaryFile(text, mode: 0o600).use { try Configuration.load(path: $0, system: system) }
    }

    /// What is wrong, or else what is odd.
    var problems: [Problem] {
        do {
            return try load().warnings
        } catch let error as ConfigurationError {
            return error.problems + error.warnings
        } catch {
            return []
        }
    }
}
