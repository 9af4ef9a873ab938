import FoundationEssentials
import Glibc

/// What goes to standard output and error.
package enum Terminal {
    private struct Failed: Codable {
        let health: String
        let error: String
    }

    /// Says that the verb failed: as JSON on standard output, or as a sentence on standard error.
    package static func fail(json: Bool, what: String, _ sentence: String, program: String = "duet") throws {
        if json {
            let document = try JSONEncoder().encode(Failed(health: what, error: sentence))
            print(String(decoding: document, as: UTF8.self))
        } else {
            warn("\(program): \(sentence)")
        }
    }

    package static func warn(_ line: String) {
        var line = line + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Asks on the terminal; no terminal is no.
    package static func confirms(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        var text = "\(question) [y/N] "
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return ["y", "yes"].contains((readLine() ?? "").lowercased())
    }
}
