import DuetPolicy
import Testing

@Suite("Client address")
struct ClientAddressTests {
    @Test(
        "A numeric address is understood in the forms that hosts give",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("[::ffff:192.0.2.7]", "192.0.2.7"),
            ("2001:DB8:0::1", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"),
            ("::1", "::1"),
        ])
    func understood(_ text: String, _ expected: String) {
        #expect(ClientAddress(text)?.description == expected)
    }

    @Test(
        "Anything else is no address",
        arguments: [
            "", "host.example", "192.0.2", "192.0.2.7.8", "0x7f.1", "192.0.2.7 ", "192.0.2.7%eth0", "UNKNOWN",
            "2001:db8::1::2", "(null)",
        ])
    func refused(_ text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test("sshd's own word goes before PAM_RHOST")
    func precedence() {
        let both = ClientAddress(sshConnection: "192.0.2.7 50222 198.51.100.2 22", rhost: "203.0.113.9")
        #expect(both?.description == "192.0.2.7")
        #expect(ClientAddress(sshConnection: nil, rhost: "203.0.113.9")?.description == "203.0.113.9")
        #expect(ClientAddress(sshConnection: "UNKNOWN 65535 UNKNOWN 65535", rhost: "a.example") == nil)
        #expect(ClientAddress(sshConnection: nil, rhost: nil) == nil)
    }
}
