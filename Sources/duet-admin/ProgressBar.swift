import Glibc

/// How much of a list has come, on standard error, if that is a terminal; gone when the list is there.
struct ProgressBar: Sendable {
    private static let width = 30
    private let what: String
    private let isShown: Bool

    init(_ what: String) {
        self.what = what
        isShown = isatty(STDERR_FILENO) == 1
    }

    var report: @Sendable (Int, Int?) -> Void { { done, total in show(done, total) } }

    private func show(_ done: Int, _ total: Int?) {
        guard isShown else { return }
        guard let total, total > done else { return erase() }
        let filled = Self.width * done / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        put("\r\(what) [\(bar)] \(done) of \(total)")
    }

    /// Also where the list ends early.
    func erase() {
        if isShown { put("\r\u{1B}[K") }
    }

    private func put(_ text: String) {
        var text = text
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
