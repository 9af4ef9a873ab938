import Glibc

/// The terminal in raw mode on its alternate screen; `restore()` gives it back as it was.
struct Terminal {
    private let saved: termios

    /// nil: standard input or output is no terminal.
    init?() {
        var settings = termios()
        guard isatty(1) == 1, tcgetattr(0, &settings) == 0 else { return nil }
        saved = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        settings.c_iflag &= ~tcflag_t(IXON | ICRNL)
        guard tcsetattr(0, TCSAFLUSH, &settings) == 0 else { return nil }
        // Alternate screen, no cursor.
        Self.put("\u{1b}[?1049h\u{1b}[?25l")
    }

    func restore() {
        var settings = saved
        Self.put("\u{1b}[?25h\u{1b}[?1049l")
        tcsetattr(0, TCSAFLUSH, &settings)
    }

    var width: Int {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Draws over what is there, so that nothing flickers.
    func draw(_ lines: [String]) {
        Self.put("\u{1b}[H" + lines.map { $0 + "\u{1b}[K\r\n" }.joined() + "\u{1b}[J")
    }

    /// The next key, or nil when none comes within `milliseconds`, or when input has ended (`ended`).
    func key(within milliseconds: Int32, ended: inout Bool) -> UInt8? {
        var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0 else { return nil }
        var byte: UInt8 = 0
        guard read(0, &byte, 1) == 1 else {
            ended = errno != EINTR
            return nil
        }
        return byte
    }

    private static func put(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
