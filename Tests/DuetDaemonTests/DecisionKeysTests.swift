import DuetMemory
import DuetPolicy
import DuetWire
import Testing

@testable import DuetDaemon

@Suite("Decision keys")
struct DecisionKeysTests {
    private static let alice = Account(name: "alice", uid: 1_000, gid: 1_000, gecos: "")
    private static let leader = ProcessIdentity(pid: 4_711, start: 88)
    private static let shell = ProcessIdentity(pid: 4_800, start: 99)
    private static let monitor = ProcessIdentity(pid: 900, start: 7)
    private static let listener = ProcessIdentity(pid: 500, start: 1)

    private static func subject(_ scope: RememberScope, groups: RuleFacts.Groups = .known(["staff"]))
        -> DecisionKeys.Subject
    {
        let remember = Remember(allow: .seconds(900), scope: scope)
        return DecisionKeys.Subject(
            account: alice, duoUser: "alice", application: "DI",
            rule: Rule(name: "r", action: .require(Requirement(remember: remember))), groups: groups,
            sharedAddresses: [AddressRange("203.0.113.0/24")].compactMap { $0 })
    }

    /// sudo on a terminal of an ssh connection.
    private static func sudo(_ change: (inout Begin) -> Void = { _ in }) -> Begin {
        var begin = Begin(
            nonce: [], user: "alice", service: "sudo", caller: 1_000, timeout: .seconds(60), tty: "/dev/pts/1",
            session: SessionFacts(
                session: leader.pid, terminal: .init(number: 34_817, leader: leader),
                parent: .init(process: shell, session: leader.pid, user: 1_000),
                ancestors: [ProcessIdentity(pid: 5_000, start: 111), shell, leader, monitor, listener]))
        change(&begin)
        return begin
    }

    /// The process that sshd asks with: a child of the connection's monitor, in the monitor's session.
    private static func sshd(_ change: (inout Begin) -> Void = { _ in }) -> Begin {
        var begin = Begin(
            nonce: [], user: "alice", service: "sshd", caller: 0, timeout: .seconds(60), rhost: "192.0.2.9", tty: "ssh",
            sshConnection: "192.0.2.9 5000 192.0.2.1 22", authInfo: "publickey ssh-ed25519 AAAA\n",
            session: SessionFacts(
                session: monitor.pid, ancestors: [ProcessIdentity(pid: 901, start: 8), monitor, listener]))
        change(&begin)
        return begin
    }

    private static func keys(
        _ scope: RememberScope, _ begin: Begin, groups: RuleFacts.Groups = .known(["staff"])
    ) -> DecisionKeys {
        let facts = RuleFacts(
            service: ExactName(begin.service), user: "alice", groups: groups,
            client: RuleFacts.Client(sshConnection: begin.sshConnection, rhost: begin.rhost), tty: begin.tty,
            usedPublicKey: RuleFacts.usedPublicKey(authInfo: begin.authInfo), time: 0)
        return DecisionKeys(Remember(allow: .seconds(900), scope: scope), subject(scope, groups: groups), facts, begin)
    }

    @Test("What sshd records for a connection is found by a sudo under it, and by no other")
    func login() throws {
        let recorded = try #require(Self.keys(.login, Self.sshd()).record)
        #expect(recorded.scope == .login(pid: 900, start: 7))
        #expect(Self.keys(.login, Self.sshd()).lookUp.isEmpty)
        let asked = Self.keys(.login, Self.sudo())
        #expect(asked.lookUp.contains(recorded) && asked.record == nil)
        let others: [(inout Begin) -> Void] = [
            // Another connection of the same user: the listener alone is shared.
            { $0.session.ancestors[3] = ProcessIdentity(pid: 910, start: 7) },
            // The monitor's pid, given to another process.
            { $0.session.ancestors[3] = ProcessIdentity(pid: 900, start: 8) },
            // tmux and cron: no such ancestor.
            { $0.session.ancestors = Array($0.session.ancestors.prefix(3)) },
            { $0.session.ancestors = [] },
            { $0.caller = 1_001 },
        ]
        for change in others { #expect(!Self.keys(.login, Self.sudo(change)).lookUp.contains(recorded)) }
    }

    @Test("The listening sshd, ancestor of every connection, is never what a decision is bound to")
    func listener() {
        // The monitor asks itself, as with the password method.
        let own = Self.keys(.login, Self.sshd { $0.session.ancestors = [Self.monitor, Self.listener] })
        #expect(own.record?.scope == .login(pid: 900, start: 7))
        // No session of its own: nobody can tell which of them is the connection's.
        let odd = Self.keys(.login, Self.sshd { $0.session.session = Self.listener.pid })
        #expect(odd.record == nil)
        #expect(Self.keys(.login, Self.sshd { $0.session.session = nil }).record == nil)
        #expect(Self.keys(.login, Self.sshd { $0.caller = 1_000 }).record == nil)
    }

    @Test("tty binds to the terminal and the leader of its session")
    func tty() throws {
        let key = try #require(Self.keys(.tty, Self.sudo()).record)
        #expect(Self.keys(.tty, Self.sudo()).lookUp == [key])
        let others: [(inout Begin) -> Void] = [
            { $0.session.terminal = .init(number: 34_818, leader: Self.leader) },
            { $0.session.terminal = .init(number: 34_817, leader: ProcessIdentity(pid: 4_711, start: 89)) },
            { $0.caller = 1_001 }, { $0.service = "su" },
        ]
        for change in others { #expect(Self.keys(.tty, Self.sudo(change)).record != key) }
        #expect(Self.keys(.tty, Self.sudo { $0.session.terminal = nil }).record == nil)
        #expect(Self.keys(.tty, Self.sshd()).record == nil)
    }

    @Test("parent binds to a parent of the same session and the same user")
    func parent() {
        #expect(
            Self.keys(.parent, Self.sudo()).record?.scope
                == .parent(pid: 4_800, start: 99, session: 4_711, realUID: 1_000))
        let others: [(inout Begin) -> Void] = [
            { $0.session.parent = nil },
            { $0.session.parent = .init(process: Self.shell, session: 1, user: 1_000) },
            { $0.session.parent = .init(process: Self.shell, session: 4_711, user: 0) },
            { $0.session.session = nil },
        ]
        for change in others { #expect(Self.keys(.parent, Self.sudo(change)).record == nil) }
    }

    @Test("key binds to the address and to everything that sshd accepted, and only to keys")
    func sshKey() throws {
        let key = try #require(Self.keys(.key, Self.sshd()).record)
        let others: [(inout Begin) -> Void] = [
            { $0.sshConnection = "192.0.2.10 5000 192.0.2.1 22" },
            { $0.authInfo = "publickey ssh-ed25519 BBBB\n" },
            { $0.authInfo = "publickey ssh-ed25519 AAAA\npublickey ssh-ed25519 BBBB\n" },
        ]
        for change in others {
            let other = Self.keys(.key, Self.sshd(change)).record
            #expect(other != nil && other != key)
        }
        let nevers: [(inout Begin) -> Void] = [
            { $0.authInfo = "password\n" }, { $0.authInfo = "publickey ssh-ed25519 AAAA\npassword\n" },
            { $0.authInfo = "hostbased ssh-ed25519 AAAA\n" }, { $0.authInfo = nil }, { $0.authInfo = "\n" },
            { $0.sshConnection = "127.0.0.1 5000 127.0.0.1 22" },
            { $0.sshConnection = "203.0.113.7 5000 192.0.2.1 22" },
        ]
        for change in nevers { #expect(Self.keys(.key, Self.sshd(change)).record == nil) }
    }

    @Test("user needs a login without any client address")
    func user() {
        #expect(Self.keys(.user, Self.sudo()).record?.scope == .user)
        #expect(Self.keys(.user, Self.sudo { $0.rhost = "192.0.2.9" }).record == nil)
        #expect(Self.keys(.user, Self.sudo { $0.rhost = "some.host" }).record == nil)
    }

    @Test("Other groups are another key, and unknown groups are none", arguments: [RememberScope.tty, .parent, .user])
    func groups(_ scope: RememberScope) throws {
        let key = try #require(Self.keys(scope, Self.sudo()).record)
        let other = try #require(Self.keys(scope, Self.sudo(), groups: .known(["staff", "wheel"])).record)
        #expect(key != other)
        #expect(Self.keys(scope, Self.sudo(), groups: .unknown) == DecisionKeys())
        let recorded = try #require(Self.keys(.login, Self.sshd()).record)
        #expect(!Self.keys(.login, Self.sudo(), groups: .known(["wheel"])).lookUp.contains(recorded))
    }
}
