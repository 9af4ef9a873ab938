import DuetPolicy
import DuoSimulator
import Testing

@testable import DuetLogin

@Suite("Enrolment", .timeLimit(.minutes(1)))
struct EnrolmentTests {
    @Test("Who has to enroll sees the portal as a code and as text, and is asked for nothing else")
    func enroll() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([""])
            let outcome = try await cloud.login("enroll", person)
            #expect(outcome.decision == .deny(.duoEnroll))
            #expect(person.prompts.count == 1 && person.prompts[0].contains("https://"))
            #expect(person.shown.contains { $0.contains("█") })
            #expect(person.shown.allSatisfy { $0.utf8.count <= 500 })
        }
    }

    @Test("A terminal that is too narrow for the code gets the text alone")
    func narrow() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([""], columns: 30)
            _ = try await cloud.login("enroll", person)
            #expect(!person.shown.contains { $0.contains("█") } && person.prompts[0].contains("https://"))
        }
    }

    @Test("An answer that cannot be shown is cleaned, and nothing is granted")
    func hostile() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([""])
            let outcome = try await cloud.login("escape-inject-enroll", person, Requirement(fail: .open))
            #expect(outcome.decision == .deny(.duoEnroll))
            let said = (person.shown + person.prompts).joined()
            #expect(
                !said.unicodeScalars.contains { $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) })
        }
    }

    @Test("Duo going down while somebody enrolls does not follow fail = open")
    func outage() async throws {
        try await Cloud.with { cloud in
            let person = ScriptedPerson([
                .does {
                    await cloud.simulator.cloud.setFault(.status(500), path: "/auth/v2/preauth", times: 9)
                    await cloud.simulator.cloud.setFault(.status(500), path: "/auth/v2/ping", times: 9)
                    return ""
                }
            ])
            let outcome = try await cloud.login("enroll", person, Requirement(fail: .open))
            #expect(outcome.decision == .deny(.duoEnroll))
        }
    }

    @Test("An address that is longer than a message is shown in pieces, none of it lost", arguments: [10, 480, 1_200])
    func long(_ length: Int) {
        let portal = "https://api-1234abcd.duosecurity.com/portal?code=" + String(repeating: "c", count: length)
        var shown: [String] = []
        let prompt = Login.prompt(portal) { shown.append($0) }
        #expect(prompt.utf8.count <= 500 && shown.allSatisfy { $0.utf8.count <= 500 })
        #expect((shown.joined() + prompt).contains(portal))
    }
}
