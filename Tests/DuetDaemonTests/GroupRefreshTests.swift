import Dispatch
import DuetConfiguration
import DuetMemory
import DuetPolicy
import DuetWire
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import DuetDaemon

@Suite("Groups, asked for ahead of time", .timeLimit(.minutes(1)))
struct GroupRefreshTests {
    /// A directory server: each look-up gives another group, fails, or takes until it is let go.
    private final class NameService: Sendable {
        struct Down: Error {}

        private let state = Mutex((count: 0, fails: false, hangs: false))
        private let gate = DispatchSemaphore(value: 0)

        var count: Int { state.withLock { $0.count } }

        func hang() { state.withLock { $0.hangs = true } }
        func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
        /// Lets go whoever hangs.
        func answer() {
            state.withLock { $0.hangs = false }
            gate.signal()
        }

        /// On a thread of the directory's.
        func groups() throws -> Set<ExactName> {
            let (number, fails, hangs) = state.withLock { state in
                state.count += 1
                return (state.count, state.fails, state.hangs)
            }
            if hangs { _ = gate.wait(timeout: .now() + 30) }
            if fails { throw Down() }
            return [ExactName("look-up \(number)")]
        }
    }

    private static let alice = Account(name: "alice", uid: 1_000, gid: 1_000, gecos: "")

    private func with(
        _ body: (UserDirectory, NameService, _ pass: (Duration) -> Void) async throws -> Void
    ) async throws {
        let service = NameService()
        let passed = Mutex(Duration.zero)
        let start = ContinuousClock.now
        let directory = UserDirectory(
            timer: MultiThreadedEventLoopGroup.singleton.next(), timeout: .seconds(30),
            allGroups: { _ in try service.groups() }, clock: { start + passed.withLock { $0 } })
        try await body(directory, service) { time in passed.withLock { $0 += time } }
        await directory.stop()
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("waited 10 s in vain")
    }

    @Test("In the first half of their life they are not asked for again, after its end they are waited for (rule 2)")
    func life() async throws {
        try await with { (directory, service, pass) async throws in
            #expect(try await directory.groups(of: Self.alice) == ["look-up 1"])
            pass(UserDirectory.groupsLife / 2 - .milliseconds(1))
            #expect(try await directory.groups(of: Self.alice) == ["look-up 1"])
            #expect(service.count == 1)
            pass(UserDirectory.groupsLife / 2 + .milliseconds(1))
            #expect(try await directory.groups(of: Self.alice) == ["look-up 2"])
            #expect(service.count == 2)
        }
    }

    @Test("In the second half they are asked for beside the logins, which do not wait, and once")
    func ahead() async throws {
        try await with { (directory, service, pass) async throws in
            _ = try await directory.groups(of: Self.alice)
            pass(UserDirectory.groupsLife / 2)
            service.hang()
            for _ in 0..<20 { #expect(try await directory.groups(of: Self.alice) == ["look-up 1"]) }
            try await eventually { service.count == 2 }
            #expect(try await directory.groups(of: Self.alice) == ["look-up 1"])
            service.answer()
            try await eventually { try await directory.groups(of: Self.alice) == ["look-up 2"] }
            #expect(service.count == 2)
        }
    }

    @Test("What was asked ahead lives from when it was asked, not from when it was answered")
    func sinceAsked() async throws {
        try await with { (directory, service, pass) async throws in
            _ = try await directory.groups(of: Self.alice)
            pass(UserDirectory.groupsLife / 2)
            service.hang()
            _ = try await directory.groups(of: Self.alice)
            try await eventually { service.count == 2 }
            pass(UserDirectory.groupsLife / 4)
            service.answer()
            try await eventually { try await directory.groups(of: Self.alice) == ["look-up 2"] }
            pass(UserDirectory.groupsLife * 3 / 4)
            #expect(try await directory.groups(of: Self.alice) == ["look-up 3"], "nobody believes it any longer")
        }
    }

    @Test("A server that does not answer ahead of time changes nothing until the end; then whoever needs a group waits")
    func failing() async throws {
        try await with { (directory, service, pass) async throws in
            _ = try await directory.groups(of: Self.alice)
            pass(UserDirectory.groupsLife / 2)
            service.fail(true)
            #expect(try await directory.groups(of: Self.alice) == ["look-up 1"])
            try await eventually { service.count == 2 }
            #expect(try await directory.groups(of: Self.alice) == ["look-up 1"])
            pass(UserDirectory.groupsLife / 2)
            await #expect(throws: NameService.Down.self) { _ = try await directory.groups(of: Self.alice) }
            service.fail(false)
            #expect(try await directory.groups(of: Self.alice) == ["look-up 4"])
        }
    }

    @Test("One person's groups are nobody else's, and root's are local")
    func others() async throws {
        try await with { (directory, service, _) async throws in
            let bob = Account(name: "bob", uid: 1_001, gid: 1_001, gecos: "")
            #expect(try await directory.groups(of: Self.alice) == ["look-up 1"])
            #expect(try await directory.groups(of: bob) == ["look-up 2"])
            let root = try #require(try await directory.account(named: "root"))
            #expect(try await directory.groups(of: root).contains("root"))
            #expect(service.count == 2)
        }
    }

    @Test(
        "A login waits for a name service only where a rule needs a group",
        arguments: [
            ("", 0), ("[[rule]]\nname = \"a\"\nwhen = { service = [\"sshd\"] }\naction = \"require\"\n", 0),
            ("[[rule]]\nname = \"a\"\nwhen = { group = [\"wheel\"] }\naction = \"require\"\n", 1),
            (
                "[[rule]]\nname = \"a\"\naction = \"require\"\nremember = { allow = \"15m\", scope = \"tty\" }\n", 1
            ),
        ])
    func needed(_ rules: String, _ lookUps: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/duet-groups-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = """
            [duo]
            integration_key = "DIXXXXXXXXXXXXXXXXXX"
            secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
            api_host = "localhost:1"
            \(rules)
            """
        let path = folder + "/duet.toml"
        _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
        chmod(path, 0o600)
        let active = try ActiveConfiguration(
            try Configuration.load(path: path), memory: Memory(folder: folder + "/state", bootID: "boot") { _ in },
            metrics: Metrics(), logger: Logger(label: "test"))
        try await with { (directory, service, _) async throws in
            let begin = Begin(
                nonce: ModulePeer.nonce, user: "alice", service: "sshd", caller: 0, timeout: .seconds(100))
            let applicant = Applicant(
                begin: begin, directory: directory, switches: Switches(configuration: path, bootID: "boot"))
            var answers = DirectoryAnswers()
            if applicant.groups(active, Self.alice, answers) == nil {
                try await applicant.ask(.groups(Self.alice), &answers)
            }
            let facts = applicant.facts(
                active, Self.alice, try #require(applicant.groups(active, Self.alice, answers)))
            #expect(service.count == lookUps)
            #expect(facts.groups == (lookUps == 0 ? .unknown : .known(["look-up 1"])))
        }
    }
}
