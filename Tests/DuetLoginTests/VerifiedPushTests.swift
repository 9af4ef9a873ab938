import DuetLogin
import DuetPolicy
import DuoSimulator
import Testing

@Suite("Verified push", .timeLimit(.minutes(1)))
struct VerifiedPushTests {
    @Test("The code is in a prompt, and typing it on the phone lets in", arguments: [true, false])
    func code(_ showsProgress: Bool) async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["push", .waits], showsProgress: showsProgress)
            let outcome = try await cloud.login("verified-push", person)
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .push)
            #expect(person.prompts.count == 2 && person.prompts[1].hasPrefix("Enter 708 in Duo Mobile on "))
        }
    }

    @Test("Leading zeros of the code are kept")
    func zeros() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["push", .waits])
            async let login = cloud.login("verified-push-ask", person)
            try await cloud.answer(.approve)
            let outcome = try await login
            #expect(outcome.decision == .allow(.duoAllow))
            #expect(person.prompts[1].contains(" 042 "))
        }
    }

    @Test("The transaction goes to no other factor")
    func pushOnly() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["phone"])
            async let login = cloud.login("verified-push-ask", person)
            try await cloud.answer(.approve)
            let outcome = try await login
            #expect(outcome.decision == .allow(.duoAllow) && outcome.facts.factor == .phone)
            #expect(person.prompts.count == 1)
        }
    }

    @Test("An autopush with a code asks at a prompt too")
    func autopush() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([.waits])
            let outcome = try await cloud.login("verified-push", person, Requirement(autopush: .wait))
            #expect(outcome.decision == .allow(.duoAllow))
            #expect(person.prompts.count == 1 && person.prompts[0].contains("708"))
        }
    }

    @Test("A rule without verified push gets an ordinary one")
    func ordinary() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson(["push"])
            let outcome = try await cloud.login("verified-push", person, Requirement(verifiedPush: false))
            #expect(outcome.decision == .allow(.duoAllow) && person.prompts.count == 1)
        }
    }
}
