import Glibc
import Logging
import Testing

@testable import DuetDaemon

@Suite("Standard error", .timeLimit(.minutes(1)))
struct LogStreamTests {
    /// Both ends, for what blocks as standard error does.
    private static func pipe() throws -> (reader: CInt, writer: CInt) {
        var ends: [CInt] = [0, 0]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private static func stream() throws -> (reader: CInt, writer: CInt) {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    private static func read(_ reader: CInt) -> [Substring] {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recvOrRead(reader, &buffer)
            guard count > 0 else { break }
            text += buffer.prefix(count)
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }

    /// What is there.
    private static func recvOrRead(_ reader: CInt, _ buffer: inout [UInt8]) -> Int {
        var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0 ? Glibc.read(reader, &buffer, buffer.count) : 0
    }

    @Test(
        "A log that nobody reads keeps nobody waiting, and how many lines are lost is said when it is read again",
        arguments: [true, false], [10, 4_300])
    func stuck(isPipe: Bool, length: Int) throws {
        let (reader, writer) = isPipe ? try Self.pipe() : try Self.stream()
        defer {
            close(reader)
            close(writer)
        }
        let handler = JournalLogHandler(forJournal: true, stream: LogStream(writer))
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: length)
        let start = ContinuousClock.now
        for _ in 0..<10_000 { handler.write(text, .notice) }
        #expect(ContinuousClock.now - start < .seconds(20))
        let before = Self.read(reader)
        #expect(before.count > 1 && before.count < 10_000)
        handler.write(Array("again".utf8), .error)
        let after = Self.read(reader)
        let whole = before.filter { $0.utf8.count == length + 3 }
        #expect(whole.count >= before.count - 1, "one line at most is cut")
        #expect(
            after == [
                "<4>lines of this log were lost: nobody took them count=\(10_000 - whole.count)", "<3>again",
            ])
    }

    @Test("A log whose reader has gone, and one that is closed, are nobody's failure")
    func gone() throws {
        signal(SIGPIPE, SIG_IGN)
        let (reader, writer) = try Self.pipe()
        close(reader)
        let stream = LogStream(writer)
        for _ in 0..<1_000 { stream.write([0x61, 0x0A]) { _ in [] } }
        close(writer)
        let start = ContinuousClock.now
        LogStream(-1).write([0x61, 0x0A]) { _ in [] }
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
