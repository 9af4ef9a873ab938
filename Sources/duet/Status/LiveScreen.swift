import Glibc

/// A terminal on which something is drawn again and again; `restore` gives it back as it was.
struct LiveScreen {
    private static let interrupt: UInt8 = 3
    private let saved: termios

    /// Nil: nobody sees it, or no key can be read.
    init?() {
        var settings = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        saved = settings
        // Ctrl-C is a key here like any other.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0 else { return nil }
        // The alternate screen, without a cursor.
        Self.put("\u{1B}[?1049h\u{1B}[?25l")
    }

    func restore() {
        var settings = saved
        Self.put("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// Draws over what is there, so that nothing flickers. What is too wide or too long is cut.
    func draw(_ lines: [String]) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        let (width, height) = isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
        let rows = lines.prefix(height).map { Self.cut($0, to: width) + "\u{1B}[K" }
        Self.put("\u{1B}[H" + rows.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// Waits; whether q or Ctrl-C was pressed, input has ended, or a signal came.
    func isEnded(within seconds: Double, _ stop: StopSignals) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        while clock.now < end {
            if stop.wait(clock.now.duration(to: end) / .seconds(1), for: STDIN_FILENO) { return true }
            var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 0) > 0 else { continue }
            var key: UInt8 = 0
            let count = read(STDIN_FILENO, &key, 1)
            if count == 0 || (count < 0 && errno != EINTR) { return true }
            if count == 1, key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") || key == Self.interrupt { return true }
        }
        return stop.areRaised
    }

    /// The first `width` characters; colours take no room.
    private static func cut(_ line: String, to width: Int) -> String {
        var shown = ""
        var room = width
        var isColour = false
        for character in line {
            if character == "\u{1B}" { isColour = true }
            if !isColour {
                guard room > 0 else { continue }
                room -= 1
            }
            shown.append(character)
            if isColour, character == "m" { isColour = false }
        }
        return shown
    }

    private static func put(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
