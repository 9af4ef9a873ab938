import DuetPolicy
import DuoAPI
import Secrets
import Testing

@testable import DuetLogin

@Suite("Menu")
struct FactorMenuTests {
    static let iPhone = Device(
        id: "DP1", kind: .phone, displayName: "iOS (XXX-XXX-0100)",
        capabilities: [.auto, .push, .phone, .sms, .mobileOTP],
        smsNextCode: "4")
    static let tablet = Device(id: "DP2", kind: .phone, displayName: "Tablet", capabilities: [.auto, .push])
    static let token = Device(id: "DH1", kind: .token, displayName: "Token (1234)")
    static let menu = FactorMenu(devices: [iPhone, tablet, token], factors: Factor.allCases)

    @Test("The prompt lists what each device can do, by factor")
    func prompt() {
        let lines = [
            "Duo login for alice", " 1. Duo Push to iOS (XXX-XXX-0100)", " 2. Duo Push to Tablet",
            " 3. Phone call to iOS (XXX-XXX-0100)", " 4. SMS passcodes to iOS (XXX-XXX-0100) (next code starts with 4)",
            "Passcode or option (1-4): ",
        ]
        #expect(Self.menu.prompt(user: "alice") == lines.joined(separator: "\n"))
    }

    @Test(
        "An answer means a factor and a device",
        arguments: [
            ("1", Factor.push, "DP1"), ("2", .push, "DP2"), ("3", .phone, "DP1"), ("4", .sms, "DP1"),
            ("push", .push, "DP1"), ("PUSH", .push, "DP1"), (" push2 ", .push, "DP2"), ("push 2", .push, "DP2"),
            ("push1", .push, "DP1"), ("phone", .phone, "DP1"), ("phone1", .phone, "DP1"), ("sms", .sms, "DP1"),
            ("01", .push, "DP1"), ("ios", .push, "DP1"), ("Tablet", .push, "DP2"), ("push tablet", .push, "DP2"),
            ("push iOS (XXX-XXX-0100)", .push, "DP1"), ("phone ios", .phone, "DP1"), ("sms ios", .sms, "DP1"),
        ])
    func options(_ answer: String, _ factor: Factor, _ device: String) throws {
        guard case .option(let option) = Self.menu.choice(answer) else {
            Issue.record("not an option")
            return
        }
        #expect(option.factor == factor && option.device.id == device)
    }

    @Test(
        "What looks like a passcode is one",
        arguments: ["123456", "1234567", "123 456", "123456789", "cccccccbcjdifctrndncchkftchjlnbhvhtugdljibej"])
    func passcodes(_ answer: String) {
        guard case .passcode(let passcode) = Self.menu.choice(answer) else {
            Issue.record("not a passcode")
            return
        }
        #expect(passcode.count == answer.filter { $0 != " " }.count)
    }

    @Test(
        "Anything else is asked again, and never sent",
        arguments: [
            "", " ", "0", "5", "99", "-1", "123", "12345", "push0", "push3", "push-1", "phone2", "smsx", "phone tablet",
            "auto", "deny",
            "correct horse battery staple", "hunter2", "Passw0rd!", "12345a", "١٢٣٤٥٦", "push\u{1B}",
            "12345678901234567",
        ])
    func unclear(_ answer: String) {
        guard case .unclear(let hint) = Self.menu.choice(answer) else {
            Issue.record("understood \(answer)")
            return
        }
        #expect(hint == "Please answer with a number from 1 to 4, push, phone, sms or a passcode.")
    }

    @Test("Only the factors that the rule allows are offered, in its order")
    func allowed() {
        let menu = FactorMenu(devices: [Self.iPhone, Self.tablet], factors: [.sms, .push])
        #expect(menu.options.map(\.factor) == [.sms, .push, .push])
        #expect(menu.prompt(user: "a").hasSuffix("Option (1-3): "))
        guard case .unclear = menu.choice("123456") else {
            Issue.record("a passcode was taken")
            return
        }
        #expect(FactorMenu(devices: [Self.token], factors: [.push, .phone]).isEmpty)
        #expect(FactorMenu(devices: [], factors: [.passcode]).prompt(user: "a").hasSuffix("Passcode: "))
    }

    @Test("A name of any length leaves room for the question")
    func longName() {
        let name = String(repeating: "e\u{301}\u{302}\u{303}\u{304}\u{305}", count: 64)
        let prompt = Self.menu.prompt(user: name)
        #expect(prompt.utf8.count <= 500 && prompt.hasSuffix("Passcode or option (1-4): "))
    }

    @Test("The prompt never exceeds 500 bytes, and the question is always in it", arguments: [1, 5, 8, 20, 100])
    func short(_ count: Int) {
        let devices = (1...count).map { number in
            Device(
                id: "DP\(number)", kind: .phone, displayName: String(repeating: "ü", count: 80),
                capabilities: [.push, .phone, .sms])
        }
        let menu = FactorMenu(devices: devices, factors: Factor.allCases)
        let prompt = menu.prompt(user: String(repeating: "x", count: 256))
        #expect(prompt.utf8.count <= 500)
        #expect(prompt.hasSuffix("Passcode or option (1-\(count * 3)): "))
        #expect(menu.options.count == count * 3)
    }
}
