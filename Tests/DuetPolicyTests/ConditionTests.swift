import DuetPolicy
import Testing

@Suite("Conditions")
struct ConditionTests {
    @Test(
        "A service is meant by its exact name or a pattern",
        arguments: [
            ("sudo", "sudo", true), ("sudo", "sudo-i", false), ("sudo*", "sudo-i", true), ("sudo*", "sudo", true),
            ("*", "anything", true), ("su?", "su-", true), ("su?", "su", false), ("su?", "sudo", false),
            ("*d", "sshd", true), ("*d", "sshd2", false), ("s*h*d", "sshd", true), ("s*h*d", "shshhd", true),
            ("Sudo", "sudo", false), ("caf\u{E9}", "cafe\u{301}", false), ("a*b*c", "abcbc", true),
            ("a*b*c", "abcb", false), ("**", "x", true), ("", "x", false),
        ])
    func service(_ pattern: String, _ service: String, _ expected: Bool) {
        let condition = Condition.service([ServicePattern(pattern)])
        #expect(condition.truth(.sample(service: ExactName(service))) == Truth(expected))
    }

    @Test("A user is meant by the exact bytes of the name")
    func user() {
        let condition = Condition.user(["bob", "caf\u{E9}"])
        #expect(condition.truth(.sample(user: "bob")) == .yes)
        #expect(condition.truth(.sample(user: "Bob")) == .no)
        #expect(condition.truth(.sample(user: "caf\u{E9}")) == .yes)
        #expect(condition.truth(.sample(user: "cafe\u{301}")) == .no)
    }

    @Test(
        "Groups are asked by any, all and not, which hold together",
        arguments: [
            (GroupCondition(any: ["a", "x"]), true), (GroupCondition(any: ["x", "y"]), false),
            (GroupCondition(all: ["a", "b"]), true), (GroupCondition(all: ["a", "x"]), false),
            (GroupCondition(not: ["x"]), true), (GroupCondition(not: ["a", "x"]), false),
            (GroupCondition(any: ["a"], not: ["b"]), false), (GroupCondition(any: ["a"], all: ["b"], not: ["x"]), true),
        ])
    func groups(_ condition: GroupCondition, _ expected: Bool) {
        let condition = Condition.group(condition)
        #expect(condition.truth(.sample(groups: .known(["a", "b"]))) == Truth(expected))
        #expect(condition.truth(.sample(groups: .unknown)) == .unknown)
    }

    @Test(
        "A client address lies in a block of its own family",
        arguments: [
            ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "192.0.2.7", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false), ("::ffff:192.0.2.0/120", "192.0.2.9", true),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("10.0.0.0/9", "10.127.0.1", true),
            ("10.0.0.0/9", "10.128.0.1", false),
        ])
    func address(_ range: String, _ client: String, _ expected: Bool) throws {
        let condition = Condition.address([.range(try #require(AddressRange(range)))])
        #expect(condition.truth(.sample(client: .at(client))) == Truth(expected))
    }

    @Test(
        "What is no block of addresses is none",
        arguments: [
            "", "/24", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/24/8", "2001:db8::/129",
            "host.example/8",
            "::ffff:192.0.2.0/64", "192.0.2.0/+8", "fe80::1%eth0", "192.0.2.0/0008",
        ])
    func noRange(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test("Local means a console of this machine: sudo over ssh is not local, nor is a client without an address")
    func local() {
        let local = Condition.address([.local])
        #expect(local.truth(.sample(client: .none, isOnConsole: true)) == .yes)
        #expect(local.truth(.sample(client: .none, isOnConsole: false)) == .no)
        #expect(local.truth(.sample(client: .at("192.0.2.7"), isOnConsole: true)) == .no)
        #expect(local.truth(.sample(client: .at("host.example"), isOnConsole: true)) == .no)
    }

    @Test("A client that gave a name may lie in any block, and a login without a client lies in none")
    func unclear() throws {
        let condition = Condition.address([.range(try #require(AddressRange("192.0.2.0/24")))])
        #expect(condition.truth(.sample(client: .at("host.example"))) == .unknown)
        #expect(condition.truth(.sample(client: .none)) == .no)
    }

    @Test(
        "sshd's word ssh is no terminal",
        arguments: [("ssh", false), ("", false), ("pts/3", true), (nil, false)] as [(String?, Bool)])
    func tty(_ tty: String?, _ expected: Bool) {
        #expect(Condition.tty(true).truth(.sample(tty: tty)) == Truth(expected))
        #expect(Condition.tty(false).truth(.sample(tty: tty)) == Truth(!expected))
    }

    @Test("A key counts when one line of the authentication info says so")
    func publickey() {
        #expect(RuleFacts.usedPublicKey(authInfo: "publickey ssh-ed25519 AAAA"))
        #expect(RuleFacts.usedPublicKey(authInfo: "password\npublickey ssh-ed25519 AAAA\n"))
        #expect(!RuleFacts.usedPublicKey(authInfo: "password"))
        #expect(!RuleFacts.usedPublicKey(authInfo: "publickeys x"))
        #expect(!RuleFacts.usedPublicKey(authInfo: nil))
        #expect(Condition.publickey(true).truth(.sample(usedPublicKey: true)) == .yes)
        #expect(Condition.publickey(false).truth(.sample(usedPublicKey: true)) == .no)
    }

    @Test("Whether a user is managed may be unknown")
    func enabled() {
        #expect(Condition.enabled(true).truth(.sample(isEnabled: true)) == .yes)
        #expect(Condition.enabled(false).truth(.sample(isEnabled: true)) == .no)
        #expect(Condition.enabled(true).truth(.sample(isEnabled: nil)) == .unknown)
    }

    @Test(
        "Kernel terminals are tty1 to tty63 and the console",
        arguments: [
            ("tty1", true), ("/dev/tty63", true), ("/dev/tty64", false), ("tty0", false), ("tty01", false),
            ("tty", false),
            ("ttyS0", false), ("pts/1", false), ("/dev/console", true), ("ssh", false), ("", false), ("tty1x", false),
        ])
    func kernelTerminalNames(_ name: String, _ expected: Bool) {
        #expect(KernelTerminal.matches(name: name) == expected)
    }

    @Test(
        "A terminal's number says whether it is the kernel's",
        arguments: [
            (0x401, true), (0x43F, true), (0x440, false), (0x400, false), (0x8801, false), (0x501, true),
            (0x500, false),
            (0, false), (0x100401, false),
        ] as [(UInt32, Bool)])
    func kernelTerminalNumbers(_ number: UInt32, _ expected: Bool) {
        #expect(KernelTerminal.matches(number: number) == expected)
    }
}
