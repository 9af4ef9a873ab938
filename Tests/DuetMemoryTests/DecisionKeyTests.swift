import DuetPolicy
import Testing

@testable import DuetMemory

/// One fact of a login that a thief cannot bring along.
struct Theft: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let key: DecisionKey

    init(_ description: String, of key: DecisionKey, _ change: (inout DecisionKey) -> Void) {
        testDescription = description
        self.key = key.with(change)
    }

    static let tty = DecisionKey.alice
    static let parent = DecisionKey.alice.with {
        $0.scope = .parent(pid: 600, start: 9_100, session: 500, realUID: 1_000)
    }
    static let login = DecisionKey.alice.with { $0.scope = .login(pid: 400, start: 8_000) }
    static let sshKey = DecisionKey.alice.with { $0.scope = .key(address: address("192.0.2.7"), authInfoHash: [7, 7]) }
    static let user = DecisionKey.alice.with { $0.scope = .user }
    static let honest = [tty, parent, login, sshKey, user]

    static func address(_ text: String) -> ClientAddress {
        guard let address = ClientAddress(text) else { preconditionFailure("\(text) is an address") }
        return address
    }

    /// Of `tty` unless it says otherwise.
    static let all: [Theft] = [
        Theft("another terminal", of: tty) { $0.scope = .tty(ttyNumber: 34_817, leader: 500, leaderStart: 9_000) },
        Theft("another session leader", of: tty) {
            $0.scope = .tty(ttyNumber: 34_816, leader: 501, leaderStart: 9_000)
        },
        Theft("a recycled session leader", of: tty) {
            $0.scope = .tty(ttyNumber: 34_816, leader: 500, leaderStart: 9_001)
        },
        Theft("another uid", of: tty) { $0.uid = 1_001 },
        Theft("another name", of: tty) { $0.user = "alicf" },
        Theft("another caller", of: tty) { $0.callerUID = 1_001 },
        Theft("root as the caller", of: tty) { $0.callerUID = 0 },
        Theft("another Duo user", of: tty) { $0.duoUser = "mallory" },
        Theft("a Duo user in other letters", of: tty) { $0.duoUser = "Alice" },
        Theft("another application", of: tty) { $0.application = "DIBBBBBBBBBBBBBBBBBB" },
        Theft("another service", of: tty) { $0.service = "sudo-i" },
        Theft("another rule", of: tty) { $0.ruleFingerprint = [1, 2, 4] },
        Theft("another parent", of: parent) {
            $0.scope = .parent(pid: 601, start: 9_100, session: 500, realUID: 1_000)
        },
        Theft("a recycled parent", of: parent) {
            $0.scope = .parent(pid: 600, start: 9_101, session: 500, realUID: 1_000)
        },
        Theft("a parent in another session", of: parent) {
            $0.scope = .parent(pid: 600, start: 9_100, session: 501, realUID: 1_000)
        },
        Theft("a parent of another user", of: parent) {
            $0.scope = .parent(pid: 600, start: 9_100, session: 500, realUID: 1_001)
        },
        Theft("another connection", of: login) { $0.scope = .login(pid: 401, start: 8_000) },
        Theft("a recycled connection", of: login) { $0.scope = .login(pid: 400, start: 8_001) },
        Theft("another caller in the connection", of: login) { $0.callerUID = 1_001 },
        Theft("another user in the connection", of: login) { $0.uid = 1_001 },
        Theft("another address", of: sshKey) { $0.scope = .key(address: address("192.0.2.8"), authInfoHash: [7, 7]) },
        Theft("an address of the other family", of: sshKey) {
            $0.scope = .key(address: address("2001:db8::7"), authInfoHash: [7, 7])
        },
        Theft("another ssh key", of: sshKey) { $0.scope = .key(address: address("192.0.2.7"), authInfoHash: [7, 8]) },
        Theft("bytes moved between fields", of: sshKey) {
            $0.scope = .key(address: address("192.0.2.7"), authInfoHash: [7])
            $0.ruleFingerprint = [7, 1, 2, 3]
        },
        Theft("letters moved between names", of: tty) {
            $0.user = "alic"
            $0.duoUser = "ealice"
        },
        Theft("an empty name", of: tty) {
            $0.user = ""
            $0.duoUser = "alicealice"
        },
        Theft("an accent spelled otherwise", of: user) { $0.user = "alice\u{301}" },
        Theft("the same accent in one letter", of: user) { $0.user = "alic\u{e9}" },
    ]
}

@Suite struct DecisionKeyTests {
    @Test("No two keys that differ in a fact have the same bytes")
    func injective() {
        let keys = Theft.honest + Theft.all.map(\.key)
        #expect(Set(keys.map(\.bytes)).count == keys.count)
        #expect(Set(keys).count == keys.count)
    }

    @Test("Under login the service and the rule are left out, and root asks for the user as the user does")
    func login() {
        let sshd = Theft.login.with {
            $0.service = "sshd"
            $0.callerUID = 0
            $0.ruleFingerprint = [9]
        }
        #expect(sshd.bytes == Theft.login.bytes)
        #expect(sshd == Theft.login)
        #expect(sshd.with { $0.application = "DIBBBBBBBBBBBBBBBBBB" } != Theft.login)
        #expect(sshd.with { $0.duoUser = "bob" } != Theft.login)
    }

    @Test("Only the key of an ssh key is capped lower than the others", arguments: ScopeBinding.Kind.allCases)
    func longest(kind: ScopeBinding.Kind) {
        #expect(kind.longest == (kind == .key ? .seconds(3_600) : .seconds(43_200)))
        #expect(Set(Theft.honest.map(\.scope.kind)) == Set(ScopeBinding.Kind.allCases))
    }

    @Test("A Duo user is one person in any letters")
    func folded() {
        #expect(Person(uid: 1, duoUser: "ALice@Example.COM").duoUser == "alice@example.com")
        #expect(Person(uid: 1, duoUser: "\u{130}stanbul").duoUser == "\u{130}stanbul")
    }
}
