import DuetLogin
import DuetPolicy
import DuetWire
import NIOCore
import NIOPosix
import Testing

@testable import DuetDaemon

@Suite("Verdict")
struct VerdictTests {
    static let refusals: [Decision] =
        DenyReason.allCases.map { .deny($0) } + RetryReason.allCases.map { .retry($0) } + [.unknownUser]
    private let nonce = [UInt8](repeating: 7, count: 16)

    @Test("An allow is an allow", arguments: AllowReason.allCases)
    func allow(_ reason: AllowReason) throws {
        let verdict = Verdict(.allow(reason), nonce: nonce, login: "0123456789abcdef")
        #expect(verdict.result == .allow && verdict.reason == reason.rawValue)
        _ = try DaemonMessage.verdict(verdict).frame()
    }

    @Test("Nothing else is an allow, and every reason can be sent", arguments: refusals)
    func refuse(_ decision: Decision) throws {
        let verdict = Verdict(decision, nonce: nonce, login: "0123456789abcdef")
        #expect(verdict.result != .allow && verdict.result != .ignore)
        _ = try DaemonMessage.verdict(verdict).frame()
    }
}

@Suite("Listening socket")
struct ListeningSocketTests {
    private func named(_ name: String, _ environment: [String: String]) -> ListeningSocket {
        ListeningSocket.named(name, orPath: "/p", environment: environment, pid: 42)
    }

    @Test("A socket is adopted by its name")
    func adopted() {
        let environment = ["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "control:login"]
        #expect(named("login", environment) == .adopted(4))
        #expect(named("control", environment) == .adopted(3))
        #expect(named("other", environment) == .path("/p"))
    }

    @Test(
        "What is meant for another process, or makes no sense, is not adopted",
        arguments: [
            [:], ["LISTEN_PID": "43", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "login"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "0", "LISTEN_FDNAMES": "login"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "-1", "LISTEN_FDNAMES": "login"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x:login"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "1"],
        ])
    func refused(_ environment: [String: String]) {
        #expect(named("login", environment) == .path("/p"))
    }
}

@Suite("Log lines")
struct LogTextTests {
    @Test(
        "Values are quoted so that nothing in them reaches a terminal or looks like another field",
        arguments: [
            ("alice", "alice"), ("", "\"\""), ("a b", "\"a b\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""),
            ("a\nresult=allow", "\"a\\u{a}result=allow\""), ("\u{1B}[31m", "\"\\u{1b}[31m\""), ("jürgen", "\"jürgen\""),
            ("a\u{202E}b", "\"a\\u{202e}b\""), ("a\u{9B}b", "\"a\\u{9b}b\""), ("a\u{2028}b", "\"a\\u{2028}b\""),
            ("ü\"\\\n", "\"ü\\\"\\\\\\u{a}\""), ("=", "="), ("a\u{7F}", "\"a\\u{7f}\""),
        ])
    func quoted(_ value: String, _ expected: String) {
        var text = LogText()
        text.add(quoted: value)
        #expect(text.string == expected)
    }
}

@Suite("User directory")
struct UserDirectoryTests {
    @Test("A local user is found, an unknown one is not")
    func lookup() async throws {
        let directory = UserDirectory(timer: MultiThreadedEventLoopGroup.singleton.next())
        let root = try #require(try await directory.account(named: "root"))
        #expect(root.name == "root" && root.uid == 0 && root.gid == 0)
        #expect(try await directory.account(uid: 0) == root)
        #expect(try await directory.groups(of: root).contains("root"))
        #expect(try await directory.account(named: "nobody-knows-me") == nil)
        #expect(try await directory.account(named: "ROOT") == nil)
        await directory.stop()
    }
}

@Suite("First result")
struct FirstResultTests {
    @Test("The first answer counts, before the waiter or after it")
    func first() async throws {
        let early = FirstResult<Int>()
        early.settle(.success(1))
        early.settle(.success(2))
        #expect(try await early.value {} == 1)
        let late = FirstResult<Int>()
        async let value = late.value {}
        late.settle(.success(3))
        late.settle(.failure(CancellationError()))
        #expect(try await value == 3)
    }

    @Test("Whoever is cancelled waits no longer")
    func cancelled() async {
        let waiting = Task { try await FirstResult<Int>().value {} }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
