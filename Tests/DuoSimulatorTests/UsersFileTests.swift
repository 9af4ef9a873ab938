import DuoSimulator
import Testing

@Suite("The users file")
struct UsersFileTests {
    private static let mistakes: [(String, String, String)] = [
        ("{\n  \"users\": [\n    {\"name\": \"x\",}\n  ]\n}", "line 3, column 18", "not JSON"),
        ("", "line 1, column 1", "not JSON"),
        ("{\"users\": [nope]}", "line 1, column 12", "not JSON"),
        ("[]", "", "not an object"),
        (#"{"user": []}"#, "user", "unknown key"),
        (#"{"logo": "yes"}"#, "logo", "not a truth value"),
        (#"{"users": [{"name": "a", "remembered_devices": 30}]}"#, "users[0].remembered_devices", "not a truth value"),
        (#"{"unknown_users": "allow"}"#, "unknown_users", "\"allow\" is not known"),
        (#"{"lockout_threshold": 0}"#, "lockout_threshold", "out of range"),
        (#"{"users": {}}"#, "users", "not a list"),
        (#"{"users": [{}]}"#, "users[0].name", "missing"),
        (#"{"users": [{"name": 1}]}"#, "users[0].name", "not a string"),
        (#"{"users": [{"name": "a", "colour": "red"}]}"#, "users[0].colour", "unknown key"),
        (#"{"users": [{"name": "a"}, {"name": "b", "aliases": ["A"]}]}"#, "users[1]", "occurs twice"),
        (#"{"users": [{"name": "a", "auto": "maybe"}]}"#, "users[0].auto", "\"maybe\" is not known"),
        (#"{"users": [{"name": "a", "auto": {"result": "x"}}]}"#, "users[0].auto", "no result or no status"),
        (#"{"users": [{"name": "a", "verified_push": "12"}]}"#, "users[0].verified_push", "no code"),
        (#"{"users": [{"name": "a", "devices": [{"type": "fax"}]}]}"#, "users[0].devices[0].type", "not known"),
        (
            #"{"users": [{"name": "a", "devices": [{"capabilities": ["push", "fly"]}]}]}"#,
            "users[0].devices[0].capabilities[1]", "no capability"
        ),
        (
            #"{"users": [{"name": "a", "devices": [{"type": "token", "capabilities": ["push"]}]}]}"#,
            "users[0].devices[0].capabilities[0]", "no capability of a token"
        ),
        (#"{"users": [{"name": "a", "texts": {"pushd": "x"}}]}"#, "users[0].texts.pushd", "unknown key"),
        (
            #"{"users": [{"name": "a", "passcodes": {"bypass": [{}]}}]}"#, "users[0].passcodes.bypass[0].code",
            "missing"
        ),
    ]

    @Test("A mistake is reported with its place and a hint", arguments: mistakes)
    func errors(text: String, place: String, problem: String) {
        let error = #expect(throws: UsersFileError.self) { try UserDirectory(json: text) }
        #expect(error?.place == place)
        #expect(error?.problem.contains(problem) == true)
        #expect(error?.hint.isEmpty == false)
    }

    @Test("The built-in users have distinct ids of Duo's shape")
    func identifiers() {
        let users = UserDirectory.standard.users
        let ids = users.map(\.id) + users.flatMap { $0.devices.map(\.id) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.utf8.count == 20 && ["DU", "DP", "DH"].contains($0.prefix(2)) })
    }

    @Test("A file that cannot be read is an error, not an empty directory")
    func missingFile() {
        #expect(throws: UsersFileError.self) { try UserDirectory(file: "/nonexistent/users.json") }
    }
}
