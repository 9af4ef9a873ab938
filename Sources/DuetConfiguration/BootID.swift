import Glibc

/// Which boot of this machine it is: 32 hex digits, as sd_id128(3) writes them; nil where nobody says.
package enum BootID {
    /// `named` is what the service manager says (`%b`), because a sandbox may hide /proc/sys.
    package static func current(named: String?) -> String? {
        [named, read("/proc/sys/kernel/random/boot_id")].lazy.compactMap { $0.flatMap(normal) }.first
    }

    private static func normal(_ text: String) -> String? {
        let digits = text.lowercased().filter { $0 != "-" && !$0.isWhitespace }
        return digits.utf8.count == 32 && digits.allSatisfy(\.isHexDigit) ? digits : nil
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
