import Glibc
package import Logging

/// Log lines on standard error: `message key=value …`, with the `<N>` priority prefix of sd-daemon(3) when the journal
/// reads them. Control characters from outside never reach a terminal or the journal: values are quoted and escaped.
package struct JournalLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    private let forJournal: Bool
    private let stream: LogStream

    package init(forJournal: Bool) {
        self.init(forJournal: forJournal, stream: .standardError)
    }

    init(forJournal: Bool, stream: LogStream) {
        self.forJournal = forJournal
        self.stream = stream
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let facts = metadata.isEmpty ? event.metadata ?? [:] : metadata.merging(event.metadata ?? [:]) { _, new in new }
        var text = LogText(room: 512)
        text.add(visible: event.message.description)
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            text.add(UInt8(ascii: " "))
            text.add(visible: key)
            text.add(UInt8(ascii: "="))
            text.add(quoted: value.description)
        }
        write(text.bytes, event.level)
    }

    /// A line that is made already.
    func write(_ text: [UInt8], _ level: Logger.Level) {
        // A log that cannot be written is nobody's failure.
        stream.write(line(text, level)) { lost in
            line(Array("lines of this log were lost: nobody took them count=\(lost)".utf8), .warning)
        }
    }

    private func line(_ text: [UInt8], _ level: Logger.Level) -> [UInt8] {
        var line = LogText(room: text.count + 64)
        line.add(visible: forJournal ? "<\(Self.priority(level))>" : "duetd[\(Self.pid)] \(level): ")
        line.add(text)
        line.add(UInt8(ascii: "\n"))
        return line.bytes
    }

    private static let pid = String(getpid())

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
}
