import Glibc

/// Colours, where somebody looks at them: on a terminal, and not with NO_COLOR (no-color.org).
enum Paint: Int {
    case red = 31
    case green = 32
    case yellow = 33

    static let isOn: Bool = {
        let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        return isatty(STDOUT_FILENO) == 1 && !isRefused && !isDumb
    }()

    func callAsFunction(_ text: String) -> String {
        Self.isOn ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
