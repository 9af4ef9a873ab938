import DuoSimulator
import Foundation
import Testing

@Suite("The phone's picture")
struct PhoneTests {
    private func screen(_ calls: [Call]) async throws -> PhoneScreen {
        let cloud = makeCloud()
        for call in calls { _ = try await cloud.reply(to: call) }
        var screen = PhoneScreen()
        screen.show(await cloud.transactions())
        return screen
    }

    @Test("A push shows who, where, what and how long")
    func push() async throws {
        let lines = try await screen([
            .auth(
                "alice", "push",
                [("async", "1"), ("ipaddr", "192.0.2.1"), ("pushinfo", "Service=sshd&Server=web1"), ("type", "Sudo")])
        ]).lines(width: 80)
        for text in [
            "Sudo request", "60 s left", "alice", "iOS (XXX-XXX-0100)", "192.0.2.1", "sshd", "web1", "a approve",
        ] {
            #expect(lines.contains { $0.contains(text) }, "\(text)")
        }
    }

    @Test("Nothing from outside moves the cursor")
    func clean() async throws {
        let lines = try await screen([
            .auth(
                "escape-inject", "auto",
                [("async", "1"), ("display_username", "x\u{1b}[2J\u{9b}31m\r\n\u{202e}y"), ("pushinfo", "a=%1b%0a%7f")])
        ]).lines(width: 200)
        let controls = lines.joined().unicodeScalars.filter {
            [.control, .format].contains($0.properties.generalCategory)
        }
        #expect(controls.isEmpty)
    }

    @Test("Keys act on the oldest, or on the one that was chosen")
    func choice() async throws {
        var screen = try await screen([
            .auth("alice", "push", [("async", "1")]), .auth("bob", "phone", [("async", "1")]),
        ])
        #expect(screen.current?.user == "alice")
        screen.chooseNext()
        #expect(screen.current?.user == "bob")
        screen.chooseNext()
        #expect(screen.current?.user == "alice")
    }

    @Test(
        "Keys",
        arguments: zip(
            "adfnqx\u{03}".utf8.map(\.self),
            [
                PhoneScreen.Key.answer(.approve), .answer(.deny), .answer(.fraud), .next, .quit, nil, .quit,
            ]))
    func keys(byte: UInt8, key: PhoneScreen.Key?) {
        #expect(PhoneScreen.key(byte) == key)
    }
}
