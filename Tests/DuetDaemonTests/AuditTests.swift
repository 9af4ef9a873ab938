import DuetLogin
import DuetPolicy
import DuetWire
import FoundationEssentials
import Glibc
import Logging
import NIOPosix
import Testing

@testable import DuetDaemon

@Suite("Audit records in the host's log")
struct AuditRecordTests {
    static let ends: [(Decision?, String, AuditKind)] =
        AllowReason.allCases.map { reason in
            let kind: AuditKind =
                switch reason {
                case .failOpen: .failOpen
                case .suspended: .suspended
                case .duoAllow, .duoBypass, .remembered, .bypassCode, .policyBypass: .allowed
                }
            return (.allow(reason), "allow", kind)
        } + [
            (.ignore(.policyBypass), "ignore", .ignored), (.retry(.wrongPasscode), "retry", .retry),
            (.deny(.duoDeny), "deny", .denied), (.deny(.notConfigured), "deny", .trouble),
            (.deny(.duoCertificate), "deny", .trouble), (.deny(.duoUnauthorized), "deny", .trouble),
            (.deny(.duoUnreachable), "deny", .trouble), (.unknownUser, "unknown", .unknownUser),
            (.deny(.stopping), "deny", .denied), (nil, "abandoned", .abandoned),
        ]

    @Test("Each end of a login has its kind", arguments: ends)
    func kind(_ end: (decision: Decision?, result: String, kind: AuditKind)) {
        #expect(AuditKind(end.decision) == end.kind)
    }

    @Test("Every kind has a MESSAGE_ID of its own: 32 hexadecimal digits, and an entry in the catalog")
    func messageIDs() throws {
        let ids = AuditKind.allCases.map(\.messageID)
        #expect(Set(ids).count == ids.count)
        let catalog = try ShippedFile.text("etc/duet.catalog")
        for id in ids {
            #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(catalog.contains("-- \(id)\n"), "etc/duet.catalog explains \(id)")
        }
        #expect(catalog.matches(of: /(?m)^-- [0-9a-f]{32}$/).count == ids.count)
    }

    @Test("Nothing in a value begins another field of the journal, and a control character reaches nobody")
    func noForgery() throws {
        var record = AuditRecord.sample
        record.user = "alice\nDUET_RESULT=allow\nPRIORITY=7"
        record.cause = "\u{1B}[31m\u{9B}\u{202E}\0DUET_USER\n\u{1}"
        let fields = try JournalFields(record.journalDatagram)
        #expect(fields["DUET_RESULT"] == ["deny"])
        #expect(fields["PRIORITY"] == ["5"])
        #expect(fields["DUET_USER"] == ["alice\\u{a}DUET_RESULT=allow\\u{a}PRIORITY=7"])
        #expect(fields["DUET_CAUSE"] == ["\\u{1b}[31m\\u{9b}\\u{202e}\\u{0}DUET_USER\\u{a}\\u{1}"])
        #expect(fields.names.count == Set(fields.names).count)
        #expect(record.journalDatagram.allSatisfy { $0 != 0x1B })
    }

    @Test(
        "What shows nothing or another blank is written out, in a log and in the journal; what is a letter is left alone",
        arguments: [
            ("a\u{3164}b", "a\\u{3164}b"), ("a\u{115F}\u{1160}\u{FFA0}", "a\\u{115f}\\u{1160}\\u{ffa0}"),
            ("a\u{FE0F}\u{E0001}\u{34F}", "a\\u{fe0f}\\u{e0001}\\u{34f}"), ("a\u{A0}\u{3000}b", "a\\u{a0}\\u{3000}b"),
            ("a\u{2028}\u{2029}\u{85}", "a\\u{2028}\\u{2029}\\u{85}"), ("a\u{378}", "a\\u{378}"),
            ("Äß\u{301}中Ω", "Äß\u{301}中Ω"),
        ])
    func hidden(_ text: (given: String, shown: String)) throws {
        var record = AuditRecord.sample
        record.user = text.given
        #expect(try JournalFields(record.journalDatagram)["DUET_USER"] == [text.shown])
        #expect(String(decoding: record.text, as: UTF8.self).contains(text.shown))
    }

    @Test("A value is capped between two characters, and the datagram with it")
    func capped() throws {
        var record = AuditRecord.sample
        for text in [String(repeating: "a", count: 100_000), String(repeating: "ü", count: 100_000)] {
            record.user = text
            record.duoUser = text
            record.rule = text
            record.cause = text
            let fields = try JournalFields(record.journalDatagram)
            let user = try #require(fields["DUET_USER"].first)
            #expect(user.utf8.count <= AuditRecord.textCap && user.utf8.count > AuditRecord.textCap - 8)
            #expect(user.hasSuffix("…"))
            #expect(record.journalDatagram.count < 32_768)
            #expect(record.syslogLine.utf8.count < 8_192)
        }
    }

    @Test("Times, elapsed time and the rest are there; what is not known is left out")
    func fields() throws {
        let fields = try JournalFields(AuditRecord.sample.journalDatagram)
        let expected = [
            "MESSAGE_ID": AuditKind.denied.messageID, "SYSLOG_IDENTIFIER": "duetd", "SYSLOG_FACILITY": "10",
            "SYSLOG_PID": "\(getpid())", "DUET_LOGIN_ID": "0123456789abcdef", "DUET_KIND": "denied",
            "DUET_RESULT": "deny", "DUET_REASON": "duo_deny", "DUET_USER": "alice", "DUET_DUO_USER": "alice@corp",
            "DUET_SERVICE": "sshd", "DUET_RHOST": "192.0.2.1", "DUET_CALLER": "0", "DUET_RULE": "everybody",
            "DUET_FACTOR": "push", "DUET_BEGAN": "2026-01-31T11:59:58.500Z", "DUET_ENDED": "2026-01-31T12:00:00.000Z",
            "DUET_ELAPSED_MS": "1500",
        ]
        for (name, value) in expected { #expect(fields[name] == [value], "\(name)") }
        #expect(fields["DUET_TTY"] == [] && fields["DUET_CAUSE"] == [] && fields["DUET_REMEMBERED"] == [])
        #expect(fields["MESSAGE"].first?.hasPrefix("login decided caller=0 ") == true)
    }

    @Test(
        "A refusal that came too late is a record with the id of its login, and no decision", arguments: [true, false])
    func late(_ isFraud: Bool) throws {
        let request = LoginRequest(
            id: "0123456789abcdef", user: "alice", duoUser: "alice@corp", service: "sshd",
            address: ClientAddress("192.0.2.1"), tty: "ssh", caller: 7, host: "host")
        let refusal = LateRefusal(request, isFraud: isFraud, elapsed: .milliseconds(1_500))
        let record = AuditRecord(refusal, time: Date(timeIntervalSince1970: 1_769_860_800))
        let fields = try JournalFields(record.journalDatagram)
        let expected = [
            "MESSAGE_ID": AuditKind.lateRefusal.messageID, "PRIORITY": "5", "DUET_LOGIN_ID": "0123456789abcdef",
            "DUET_KIND": "late_refusal", "DUET_RESULT": "deny", "DUET_REASON": isFraud ? "duo_fraud" : "duo_deny",
            "DUET_USER": "alice", "DUET_DUO_USER": "alice@corp", "DUET_SERVICE": "sshd", "DUET_RHOST": "192.0.2.1",
            "DUET_CALLER": "7", "DUET_BEGAN": "2026-01-31T11:59:58.500Z", "DUET_ENDED": "2026-01-31T12:00:00.000Z",
        ]
        for (name, value) in expected { #expect(fields[name] == [value], "\(name)") }
        #expect(fields["DUET_TTY"] == [] && fields["DUET_RULE"] == [] && fields["DUET_FACTOR"] == [])
        #expect(fields["DUET_TRIAL"] == [])
        #expect(fields["MESSAGE"].first?.hasPrefix("a push or call was refused after its login had gone ") == true)
    }

    @Test("A refusal of a trial's push that came too late is marked as a trial's")
    func lateTrial() throws {
        let request = LoginRequest(
            id: "0123456789abcdef", user: "alice", service: "sshd", address: nil, caller: 0, host: "host", isTrial: true
        )
        let record = AuditRecord(LateRefusal(request, isFraud: true, elapsed: .seconds(1)), time: Date())
        #expect(try JournalFields(record.journalDatagram)["DUET_TRIAL"] == ["yes"])
    }

    @Test("The journal is asked first, then syslog, and nobody is said as nobody")
    func destinations() async throws {
        let folder = try TestFolder()
        let journal = try DatagramSocket(folder.path + "/journal")
        let syslog = try DatagramSocket(folder.path + "/syslog")
        let both = SystemLog(isStandardError: false, journal: journal.path, syslog: syslog.path)
        #expect(both.write(.sample, AuditRecord.sample.text))
        #expect(try JournalFields(try #require(await journal.next()))["DUET_USER"] == ["alice"])
        unlink(journal.path)
        #expect(both.write(.sample, AuditRecord.sample.text))
        let line = String(decoding: try #require(await syslog.next()), as: UTF8.self)
        let form = #/<85>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} duetd\[[0-9]+\]: login decided caller=0 /#
        #expect(line.prefixMatch(of: form) != nil, "\(line)")
        #expect(line.contains(" login=0123456789abcdef ") && !line.contains("\n"))
        unlink(syslog.path)
        #expect(!both.write(.sample, AuditRecord.sample.text))
    }

    @Test("Standard error is the journal's when JOURNAL_STREAM names its device and inode, and not otherwise")
    func standardError() {
        var status = stat()
        fstat(STDERR_FILENO, &status)
        #expect(SystemLog.standardErrorIsJournal("\(status.st_dev):\(status.st_ino)"))
        for other in [nil, "", "1", "0:0", "\(status.st_dev):\(status.st_ino + 1)"] {
            #expect(!SystemLog.standardErrorIsJournal(other))
        }
    }
}

@Suite("Audit log")
struct AuditLogTests {
    @Test("Where standard error is the journal's, a record is there once; elsewhere in both", arguments: [true, false])
    func once(isStandardError: Bool) async throws {
        let folder = try TestFolder()
        let journal = try DatagramSocket(folder.path + "/journal")
        let log = CapturedLog()
        let system = SystemLog(isStandardError: isStandardError, journal: journal.path, syslog: folder.path + "/none")
        let loop = try LoginLoop()
        loop.start()
        let trail = AuditLog(system: system, metrics: Metrics(), logger: Logger(label: "test") { _ in log }, loop: loop)
        trail.write(.sample)
        #expect(await journal.next() != nil)
        #expect(log.messages == (isStandardError ? [] : ["login decided"]))
        // Nobody listens any more: standard error is what is left.
        unlink(journal.path)
        trail.write(.sample)
        // With the thread ends all that waits.
        await loop.stop()
        #expect(log.messages.count == (isStandardError ? 1 : 2))
        await trail.close()
    }
}

@Suite("Audit file")
struct AuditFileTests {
    @Test("A decision is one line of JSON, in a file that its group may read")
    func lines() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/audit.jsonl"
        let file = AuditFile(logger: Logger(label: "test") { _ in CapturedLog() })
        file.use(path)
        var second = AuditRecord.sample
        second.user = "a\nb\u{1B}\u{2028}"
        file.write(.sample)
        file.write(second)
        await file.close()
        let lines = try text(path).split(separator: "\n")
        try #require(lines.count == 2)
        let record = try JSONDecoder().decode([String: JSONValue].self, from: Data(lines[0].utf8))
        #expect(record["time"] == .text("2026-01-31T12:00:00.000Z"))
        #expect(record["login"] == .text("0123456789abcdef") && record["milliseconds"] == .number(1_500))
        #expect(record["kind"] == .text("denied"))
        #expect(
            try JSONDecoder().decode([String: JSONValue].self, from: Data(lines[1].utf8))["user"] == .text(second.user))
        var status = stat()
        stat(path, &status)
        #expect(status.st_mode & 0o7777 == 0o640)
    }

    @Test("A file that was moved away is left alone after a reload, and a new one begun")
    func rotation() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/audit.jsonl"
        let file = AuditFile(logger: Logger(label: "test") { _ in CapturedLog() })
        file.use(path)
        file.write(.sample)
        file.use(path)
        file.write(.sample)
        await file.drain()
        rename(path, path + ".1")
        file.write(.sample)
        file.use(path)
        file.write(.sample)
        await file.close()
        #expect(try text(path + ".1").split(separator: "\n").count == 3)
        #expect(try text(path).split(separator: "\n").count == 1)
    }

    @Test("A failure is said once, counted each time, and its end is said")
    func failure() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/missing/audit.jsonl"
        let log = CapturedLog()
        let metrics = Metrics()
        let file = AuditFile(logger: Logger(label: "test") { _ in log }) { metrics.countAuditFailure() }
        file.use(path)
        for _ in 0..<3 { file.write(.sample) }
        await file.drain()
        #expect(log.messages == ["the audit file cannot be written: its records are in the log alone"])
        #expect(metrics.counts.auditFailures == 4)
        mkdir(folder.path + "/missing", 0o700)
        file.write(.sample)
        await file.close()
        #expect(log.messages.last == "the audit file is written again")
        #expect(try text(path).split(separator: "\n").count == 1)
    }

    @Test("A link, a folder, a pipe and a full disk are failures, not something to wait for", arguments: 0..<4)
    func odd(_ which: Int) async throws {
        let folder = try TestFolder()
        let path = folder.path + "/audit.jsonl"
        switch which {
        case 0: symlink(folder.path + "/elsewhere", path)
        case 1: mkdir(path, 0o700)
        case 2: mkfifo(path, 0o600)
        default: break
        }
        let log = CapturedLog()
        let file = AuditFile(logger: Logger(label: "test") { _ in log })
        file.use(which == 3 ? "/dev/full" : path)
        file.write(.sample)
        await file.close()
        #expect(log.messages == ["the audit file cannot be written: its records are in the log alone"])
        #expect(access(folder.path + "/elsewhere", F_OK) != 0)
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    }
}

extension AuditRecord {
    var journalDatagram: [UInt8] { journalDatagram(text) }
    var syslogLine: String { String(decoding: syslogLine(text), as: UTF8.self) }

    static let sample: AuditRecord = {
        var outcome = Outcome(.deny(.duoDeny), factor: .push)
        outcome.facts.duoUser = "alice@corp"
        outcome.facts.rule = "everybody"
        let begin = Begin(
            nonce: [UInt8](repeating: 7, count: 16), user: "alice", service: "sshd", caller: 0,
            timeout: .seconds(60), rhost: "192.0.2.1")
        return AuditRecord(
            login: "0123456789abcdef", time: Date(timeIntervalSince1970: 1_769_860_800), elapsed: .milliseconds(1_500),
            begin: begin, outcome: outcome, result: ("deny", "duo_deny"))
    }()
}

/// A value of JSON, as far as a record has some.
enum JSONValue: Decodable, Equatable {
    case text(String)
    case number(Int)
    case flag(Bool)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Int.self) {
            self = .number(number)
        } else {
            self = .text(try value.decode(String.self))
        }
    }
}

/// The fields of a datagram, read as the journal does (systemd.io/JOURNAL_NATIVE_PROTOCOL).
struct JournalFields {
    private let fields: [(name: String, value: String)]
    var names: [String] { fields.map(\.name) }

    struct Malformed: Error {}

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        var fields: [(String, String)] = []
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: 0x0A) else { throw Malformed() }
            let head = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if let equals = head.firstIndex(of: "=") {
                fields.append((String(head[..<equals]), String(head[head.index(after: equals)...])))
                continue
            }
            guard head.wholeMatch(of: /[A-Z][A-Z0-9_]{0,63}/) != nil, rest.count >= 9 else { throw Malformed() }
            let count = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(8)
            guard rest.count > count, rest[rest.startIndex + count] == 0x0A else { throw Malformed() }
            fields.append((head, String(decoding: rest.prefix(count), as: UTF8.self)))
            rest = rest.dropFirst(count + 1)
        }
        self.fields = fields
    }

    subscript(name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}

/// The end of a log that listens.
final class DatagramSocket: Sendable {
    let path: String
    private let descriptor: CInt
    private let threads = NIOThreadPool(numberOfThreads: 1)

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        let address = try #require(UnixAddress(path))
        let status = address.withPointer { bind(descriptor, $0, $1) }
        try #require(status == 0)
        threads.start()
    }

    deinit {
        close(descriptor)
        threads.shutdownGracefully { _ in }
    }

    /// The next datagram; nil when none comes within ten seconds.
    func next() async -> [UInt8]? {
        try? await threads.runIfActive { [descriptor] in
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 10_000) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count < 0 ? nil : Array(bytes.prefix(count))
        }
    }
}

/// A folder that is removed with the value.
final class TestFolder {
    let path = "/tmp/duet-audit-\(UInt64.random(in: 0 ... .max))"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A file that comes with Duet, by its place in the repository.
enum ShippedFile {
    static func text(_ name: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return String(
            decoding: try #require(FileManager.default.contents(atPath: "/\(root)/\(name)")), as: UTF8.self)
    }
}
