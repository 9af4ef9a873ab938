import Glibc
package import Logging

/// Log lines on standard error: `message key=value …`, with the `<N>` priority prefix of sd-daemon(3) when the journal
/// reads them. Control characters from outside never reach a terminal or the journal: values are quoted and escaped.
package struct JournalLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    private let forJournal: Bool

    package init(forJournal: Bool) {
        self.forJournal = forJournal
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = forJournal ? "<\(Self.priority(event.level))>" : "duetd[\(getpid())] \(event.level): "
        line += Self.text(event.message, metadata.merging(event.metadata ?? [:]) { _, new in new })
        line += "\n"
        // One write a line, so that lines of two threads do not mix; a log that cannot be written is nobody's failure.
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// `message key=value …` on one line.
    static func text(_ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let facts = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value.description) }
        return text(message.description, facts)
    }

    static func text(_ message: String, _ facts: [(key: String, value: String)]) -> String {
        var line = message
        line.reserveCapacity(512)
        for (key, value) in facts {
            line += " "
            line += key
            line += "="
            line += quoted(value)
        }
        return line
    }

    /// syslog(3): alert 1, err 3, warning 4, notice 5, info 6, debug 7.
    static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 1
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    /// As it is when it is plain; else in quotes with everything special escaped.
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        if isPlain && !text.isEmpty { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                quoted += "\\\(scalar)"
            } else {
                quoted += visible(scalar)
            }
        }
        return quoted + "\""
    }

    /// `text` with everything escaped that a terminal obeys or that cannot be seen.
    static func visible(_ text: String) -> String {
        // Nearly all of it is, and the category of a scalar is dear.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        return text.unicodeScalars.reduce(into: "") { $0 += visible($1) }
    }

    private static func visible(_ scalar: Unicode.Scalar) -> String {
        if (0x20..<0x7F).contains(scalar.value) { return String(scalar) }
        let category = scalar.properties.generalCategory
        let isSpecial = category == .control || category == .format || scalar.value == 0x2028 || scalar.value == 0x2029
        return isSpecial ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
}
