import Glibc

/// Who types.
enum Caller {
    /// Whoever became root, when sudo says so: for the log alone.
    static var name: String {
        let sudo = getenv("SUDO_USER").map { String(cString: $0) } ?? ""
        let isPlain = !sudo.isEmpty && sudo.utf8.count <= 64 && sudo.allSatisfy { $0.isASCII && !$0.isWhitespace }
        return isPlain ? sudo : "uid \(getuid())"
    }
}
