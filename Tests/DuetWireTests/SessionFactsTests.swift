import DuetWire
import Testing

@Suite("Session facts")
struct SessionFactsTests {
    private static let process = ProcessIdentity(pid: 4_711, start: 8_812_345)
    private static let initial = ProcessIdentity(pid: 1, start: 0)
    private static let nobody = ProcessIdentity(pid: 0, start: 1)

    private func begin(_ facts: SessionFacts) -> ModuleMessage {
        .begin(
            Begin(
                nonce: [UInt8](repeating: 7, count: 16), user: "bob", service: "sudo", caller: 1_001,
                timeout: .seconds(110), session: facts))
    }

    @Test("Without facts a BEGIN has none of their fields")
    func none() throws {
        let bytes = try begin(SessionFacts()).frame().bytes
        #expect(bytes.count == 8 + 20 + 7 + 8 + 8 + 8 + 8)
    }

    @Test("Pid 1 may lead a session, as in a container")
    func initialLeader() throws {
        let facts = SessionFacts(session: 1, terminal: .init(number: 34_816, leader: Self.initial))
        let frame = try begin(facts).frame()
        #expect(try ModuleMessage(frame) == begin(facts))
    }

    @Test(
        "A fact outside its row is not encoded",
        arguments: [
            SessionFacts(session: 0),
            SessionFacts(terminal: .init(number: 0, leader: process)),
            SessionFacts(terminal: .init(number: 1, leader: nobody)),
            SessionFacts(parent: .init(process: nobody, session: 1, user: 0)),
            SessionFacts(parent: .init(process: initial, session: 1, user: 0)),
            SessionFacts(parent: .init(process: process, session: 0, user: 0)),
            SessionFacts(ancestors: [process, nobody]),
            SessionFacts(ancestors: [process, initial]),
            SessionFacts(ancestors: Array(repeating: process, count: 33)),
            SessionFacts(columns: 0),
            SessionFacts(columns: 65_536), SessionFacts(command: ""), SessionFacts(command: "sudo \u{1B}c"),
            SessionFacts(command: String(repeating: "x", count: 1_025)),
        ])
    func outside(_ facts: SessionFacts) {
        #expect(throws: WireError.self) { try begin(facts).frame() }
    }
}

extension SessionFacts {
    /// The facts of a vector: a process is `pid@start`, the parts of a value have a space between them.
    init(vector field: [String: String]) {
        func parts(_ name: String) -> [Substring] { field[name]?.split(separator: " ") ?? [] }
        func process(_ text: Substring) -> ProcessIdentity {
            let numbers = text.split(separator: "@")
            return ProcessIdentity(pid: UInt32(numbers[0]) ?? 0, start: UInt64(numbers[1]) ?? 0)
        }
        let terminal = parts("terminal")
        let parent = parts("parent")
        self.init(
            session: field["session"].flatMap { UInt32($0) },
            terminal: terminal.isEmpty
                ? nil : Terminal(number: UInt32(terminal[0]) ?? 0, leader: process(terminal[1])),
            parent: parent.isEmpty
                ? nil
                : Parent(process: process(parent[0]), session: UInt32(parent[1]) ?? 0, user: UInt32(parent[2]) ?? 0),
            ancestors: parts("ancestors").map(process),
            columns: field["columns"].flatMap { UInt32($0) }, command: field["command"])
    }
}
