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
        line += event.message.description
        let merged = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quoted(value.description))"
        }
        line += "\n"
        // One write a line, so that lines of two threads do not mix; a log that cannot be written is nobody's failure.
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// syslog(3): alert 1, err 3, warning 4, notice 5, info 6, debug 7.
    private static func priority(_ level: Logger.Level) -> Int {
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
        let plain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "\\" }
        if plain && !text.isEmpty { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            let isSpecial =
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            if scalar == "\"" || scalar == "\\" {
                quoted += "\\\(scalar)"
            } else if isSpecial || scalar.value == 0x2028 || scalar.value == 0x2029 {
                quoted += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
