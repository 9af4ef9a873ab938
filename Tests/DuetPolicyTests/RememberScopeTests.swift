import DuetPolicy
import Testing

@Suite("Scopes of what is remembered")
struct RememberScopeTests {
    @Test(
        "A login without what a scope is bound to is never remembered",
        arguments: [
            (RememberScope.tty, RuleFacts.sample(), nil), (.tty, .sample(tty: nil), "no terminal"),
            (.tty, .sample(service: "sshd", tty: "ssh"), "sshd cannot"), (.key, .sample(), "sudo cannot"),
            (.key, .sample(service: "sshd", client: .at("192.0.2.7"), usedPublicKey: true), nil),
            (.key, .sample(service: "sshd", client: .at("192.0.2.7")), "no key"),
            (.key, .sample(service: "sshd", client: .at("::1"), usedPublicKey: true), "this machine"),
            (.key, .sample(service: "sshd", client: .at("127.9.9.9"), usedPublicKey: true), "this machine"),
            (.key, .sample(service: "sshd", client: .at("host.example"), usedPublicKey: true), "no client address"),
            (.user, .sample(), nil), (.user, .sample(client: .at("192.0.2.7")), "client address"),
            (.user, .sample(client: .at("host.example")), "client address"), (.parent, .sample(), nil),
            (.parent, .sample(service: "sshd"), "sshd cannot"), (.login, .sample(), nil),
        ] as [(RememberScope, RuleFacts, String?)])
    func obstacles(_ scope: RememberScope, _ facts: RuleFacts, _ expected: String?) {
        let obstacle = scope.obstacle(facts)
        #expect((obstacle == nil) == (expected == nil))
        if let expected { #expect(obstacle?.contains(expected) == true, "\(obstacle ?? "")") }
    }

    @Test("A key is remembered for an hour at most, everything else for twelve")
    func longest() {
        for scope in RememberScope.allCases {
            #expect(scope.longest == .seconds(scope == .key ? 3_600 : 43_200))
        }
    }
}
