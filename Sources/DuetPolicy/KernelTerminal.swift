/// The virtual terminals tty1 to tty63 and the console: whoever types there sits before the machine, or before its
/// serial or remote console. Linux, Documentation/admin-guide/devices.txt: major 4, minor 1 to 63; major 5, minor 1.
package enum KernelTerminal {
    /// `tty_nr` of /proc/PID/stat: the minor in bits 0 to 7 and 20 to 31, the major in bits 8 to 19.
    package static func matches(number: UInt32) -> Bool {
        let major = number >> 8 & 0xFFF
        let minor = number & 0xFF | number >> 12 & 0xFFF00
        return (major == 4 && (1...63).contains(minor)) || (major == 5 && minor == 1)
    }

    /// PAM_TTY: `tty1`, `/dev/tty1`, `console`. Weaker than the number, because some programs take it from standard input.
    package static func matches(name: String?) -> Bool {
        guard var name else { return false }
        if name.hasPrefix("/dev/") { name.removeFirst("/dev/".count) }
        if name == "console" { return true }
        let digits = name.utf8.dropFirst(3)
        guard name.hasPrefix("tty"), (1...2).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        return Int(String(decoding: digits, as: UTF8.self)).map { $0 <= 63 } == true
    }
}
