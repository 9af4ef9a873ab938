import Glibc
import Secrets

/// Asks the person at the terminal.
struct Questions {
    /// Whether there is one.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 }

    func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    /// Nil at the end of input. An empty answer is `standard`.
    func ask(_ question: String, standard: String? = nil) -> String? {
        print(question + (standard.map { " [\($0)]" } ?? "") + ": ", terminator: "")
        fflush(nil)
        guard let answer = readLine()?.trimmed else { return nil }
        return answer.isEmpty ? standard ?? "" : answer
    }

    func agrees(_ question: String, standard: Bool) -> Bool {
        guard let answer = ask("\(question) [\(standard ? "Y/n" : "y/N")]")?.lowercased() else { return false }
        return answer.isEmpty ? standard : answer.hasPrefix("y")
    }

    /// What is typed is not shown, and not kept.
    func secret(_ question: String) -> Secret? {
        print(question + (question.hasSuffix(" ") ? "" : ": "), terminator: "")
        fflush(nil)
        var settings = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &settings) == 0
        if isTerminal {
            var quiet = settings
            quiet.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        }
        defer {
            if isTerminal {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
                print("")
            }
        }
        return line()
    }

    /// Byte by byte, beside any buffer that would keep it.
    private func line() -> Secret? {
        var bytes: [UInt8] = []
        defer { bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        bytes.reserveCapacity(1024)
        while bytes.count < 1024 {
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { return bytes.isEmpty ? nil : Secret(bytes: bytes) }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        return Secret(bytes: bytes)
    }
}
