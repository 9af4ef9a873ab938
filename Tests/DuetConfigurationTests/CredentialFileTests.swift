import Testing

@testable import DuetConfiguration

@Suite("A credential of systemd's")
struct CredentialFileTests {
    @Test("Is named credential:NAME", arguments: ["secret_key", "secret_key.admins", "a-b"])
    func named(_ name: String) {
        #expect(CredentialFile("credential:" + name)?.path == "/run/credentials/duetd.service/" + name)
    }

    @Test(
        "Cannot lead out of its folder",
        arguments: [
            "credential:", "credential:..", "credential:.x", "credential:a/b", "credential:/etc/passwd", "x", "/x",
        ])
    func refused(_ text: String) {
        #expect(CredentialFile(text) == nil)
    }

    @Test("Says how it comes about when it is not there")
    func missing() {
        let text = TOMLText.duo.replacing(
            /secret_key = "[^"]*"/, with: "secret_key_file = \"credential:nothing-has-this-name\"")
        let problem = TOMLText(text: text).problems.first { $0.message.contains("nothing-has-this-name") }
        #expect(problem?.hint?.contains("LoadCredential=") == true)
    }
}
