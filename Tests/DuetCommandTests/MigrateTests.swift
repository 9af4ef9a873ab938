import Foundation
import Testing

@Suite("duet migrate", .timeLimit(.minutes(1)))
struct MigrateTests {
    private static let secret = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    private static let keys = """
        [duo]
        ; Duo integration key
        ikey = DIXXXXXXXXXXXXXXXXXX
        skey = \(secret)
        host = api-1234abcd.duosecurity.com

        """

    private struct Outcome {
        let folder: TemporaryFolder
        let result: Command.Result

        var text: String { get throws { try folder.read("duet.toml") } }
    }

    private func migrate(_ rest: String, keys: String = keys) async throws -> Outcome {
        let folder = try TemporaryFolder()
        let file = try folder.write("pam_duo.conf", keys + rest, mode: 0o600)
        let result = try await Command.duet("migrate", file, "--output", folder.path + "/duet.toml")
        return Outcome(folder: folder, result: result)
    }

    @Test(
        "Each setting of duo_unix becomes its own here, and the result stands",
        arguments: [
            ("failmode = secure", ["fail = \"closed\""]),
            ("failmode = safe", ["fail = \"open\"", "# differs: failmode = safe let everybody in"]),
            ("failmode = secure\nautopush = yes\nprompts = 1", ["autopush = \"auto\"", "prompts = 1"]),
            ("autopush = Yes", ["[login]"]),
            ("prompts = 9", ["prompts = 3"]),
            ("prompts = 0", ["prompts = 3", "meant 3 in duo_unix"]),
            ("cafile = /etc/ssl/certs/ca-certificates.crt", ["ca_file = \"/etc/ssl/certs/ca-certificates.crt\""]),
            ("https_timeout = 10 ; seconds", ["preauth_timeout = \"10s\""]),
            ("https_timeout = 0", ["outside of Duet's 2s to 30s"]),
            ("http_proxy = http://proxy.example.org:3128", ["proxy = \"http://proxy.example.org:3128\""]),
            ("verified_push = yes", ["verified_push = true"]),
            ("pushinfo = no", ["pushinfo: a push of Duet always says"]),
            ("accept_env_factor = yes", ["accept_env_factor (line 6): Duet takes no factor"]),
            ("fallback_local_ip = yes", ["fallback_local_ip (line 6)"]),
            ("dev_fips_mode = yes", ["dev_fips_mode (line 6)"]),
            ("gecos_parsed = yes", ["gecos_parsed (line 6)"]),
            (
                "groups = root",
                ["when = { group = { any = [\"root\"] } }", "name = \"everybody else\"", "action = \"bypass\""]
            ),
            ("groups = root,!daemon adm", ["any = [\"root\"], not = [\"daemon\"]", "name = \"groups 2\""]),
            ("groups = *,!root", ["when = { group = { not = [\"root\"] } }"]),
            ("groups = r?ot", ["any = [\"root\"]", "r?ot is root"]),
            ("groups = !root", ["matches nobody"]),
            (
                "groups = root\n  daemon\nfailmode = secure",
                ["any = [\"root\"]", "any = [\"daemon\"]", "fail = \"closed\""]
            ),
            ("groups = two\\ words", ["any = [\"two words\"]"]),
        ])
    func setting(_ line: String, _ expected: [String]) async throws {
        let outcome = try await migrate(line + "\n")
        let text = try outcome.text
        for words in expected { #expect(text.contains(words), "\(text)") }
        #expect(outcome.result.status < 2, "\(outcome.result)")
        let check = try await Command.duet("config", "check", outcome.folder.path + "/duet.toml")
        #expect(check.status < 2, "\(check)\n\(text)")
    }

    @Test("groups = * asks everybody, and nobody is let in besides")
    func everybody() async throws {
        let text = try await migrate("groups = *\n").text
        #expect(!text.contains("bypass") && !text.contains("when ="), "\(text)")
    }

    @Test(
        "What was silently fail-open is named, and is not open here",
        arguments: [
            ("", "was fail-open without saying so"),
            ("failmode = sekure", "failmode = sekure is none"),
            ("unknown_key = 1\nfailmode = secure", "stops at line 6 (the unknown key \"unknown_key\")"),
            ("nonsense\nfailmode = secure", "stops at line 6 (a line that is no key = value)"),
            ("failmode = secure\nnoverify = yes", "noverify took any certificate"),
            ("failmode = secure\nautopush = yes\nverified_push = yes", "autopush with verified_push is an error"),
        ])
    func failOpen(_ lines: String, _ words: String) async throws {
        let outcome = try await migrate(lines + "\n")
        let flat = try outcome.text.replacing("\n#   ", with: " ")
        #expect(flat.contains(words), "\(flat)")
        #expect(flat.contains("fail = \"closed\"\n") && !flat.contains("\nfail = \"open\""), "\(flat)")
        #expect(outcome.result.error.contains(words), "\(outcome.result)")
        #expect(outcome.result.status == 1, "\(outcome.result)")
    }

    @Test("What login_duo alone knows is an error in the file of pam_duo, and none in its own")
    func loginDuo() async throws {
        for (name, isError) in [("pam_duo.conf", true), ("login_duo.conf", false)] {
            let folder = try TemporaryFolder()
            let file = try folder.write(name, Self.keys + "failmode = secure\nmotd = yes\n", mode: 0o600)
            let result = try await Command.duet("migrate", file)
            #expect(result.output.contains("motd (line 7): the message of the day is PAM's"), "\(result)")
            #expect(result.error.contains("stops at line 7 (the unknown key \"motd\")") == isError, "\(result)")
            #expect(result.error.contains("refuses everybody.") == isError, "\(result)")
        }
    }

    @Test("Unknown keys, and keys of other sections, are named with their lines")
    func unknown() async throws {
        let outcome = try await migrate("colour = blue\n[other]\nikey = x\n")
        let text = try outcome.text
        #expect(text.contains("colour (line 6): not known"))
        #expect(text.contains("ikey (line 8): in a section other than [duo]"))
        #expect(text.contains("integration_key = \"DIXXXXXXXXXXXXXXXXXX\""))
        #expect(outcome.result.error.contains("unknown key \"colour\""))
    }

    @Test("The secret key is in a file of its own that nobody else reads, and nowhere else")
    func secretKey() async throws {
        let outcome = try await migrate("failmode = secure\nhttp_proxy = http://me:pass@proxy.example.org:3128\n")
        #expect(try outcome.folder.read("secret_key") == Self.secret + "\n")
        #expect(outcome.folder.mode("secret_key") == 0o600)
        #expect(try outcome.folder.read("proxy") == "http://me:pass@proxy.example.org:3128\n")
        #expect(outcome.folder.mode("proxy") == 0o600)
        #expect(outcome.folder.mode("duet.toml") == 0o644)
        let shown = try outcome.text + outcome.result.output + outcome.result.error
        #expect(!shown.contains(Self.secret) && !shown.contains("pass@"), "\(shown)")
    }

    @Test("Lines that end in CR LF are lines: no key becomes a part of another, and no group is lost")
    func carriageReturns() async throws {
        for first in ["", "; a comment\r\n", "[duo]\r\n"] {
            let keys = "ikey = DIXXXXXXXXXXXXXXXXXX\r\nskey = \(Self.secret)\r\nhost = api-1234abcd.duosecurity.com\r\n"
            let outcome = try await migrate("groups = root\r\nfailmode = secure\r\n", keys: first + keys)
            let text = try outcome.text
            let shown = text + outcome.result.output + outcome.result.error
            #expect(!shown.contains(Self.secret), "\(shown)")
            #expect(text.contains("any = [\"root\"]") && text.contains("fail = \"closed\""), "\(text)")
            #expect(try outcome.folder.read("secret_key") == Self.secret + "\n")
        }
    }

    @Test("Without --output the configuration is shown, and no secret")
    func shown() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("pam_duo.conf", Self.keys + "http_proxy = http://me:pass@proxy:3128\n", mode: 0o600)
        let result = try await Command.duet("migrate", file)
        #expect(result.output.contains("secret_key_file = \"credential:secret_key\""), "\(result)")
        #expect(!(result.output + result.error).contains(Self.secret))
        #expect(!(result.output + result.error).contains("pass@"))
    }

    @Test("Nothing is overwritten")
    func overwrites() async throws {
        for name in ["duet.toml", "secret_key"] {
            let folder = try TemporaryFolder()
            let file = try folder.write("pam_duo.conf", Self.keys, mode: 0o600)
            try folder.write(name, "mine\n")
            let result = try await Command.duet("migrate", file, "--output", folder.path + "/duet.toml")
            #expect(result.status == 2, "\(result)")
            #expect(result.error.contains("File exists"), "\(result)")
            #expect(try folder.read(name) == "mine\n")
        }
    }

    @Test("A field of GECOS that users may change becomes a file with the names as they are")
    func gecos() async throws {
        // Debian's CHFN_RESTRICT is rwh: the room is the user's own, what is behind the fourth comma is not.
        let own = try await migrate("failmode = secure\ngecos_username_pos = 2\n")
        #expect(try own.text.contains("source = \"map\""))
        #expect(try own.folder.read("names").hasPrefix("# A Unix name"))
        #expect(own.result.status == 1, "\(own.result)")
        let safe = try await migrate("failmode = secure\ngecos_username_pos = 5\n")
        #expect(try safe.text.contains("gecos_field = 5"))
        let whole = try await migrate("failmode = secure\nsend_gecos = yes\n")
        #expect(try whole.text.contains("gecos_field = 1"))
    }

    @Test("A file without keys is migrated as far as it goes, and does not stand")
    func incomplete() async throws {
        let outcome = try await migrate("failmode = secure\n", keys: "[duo]\n")
        #expect(outcome.result.status == 2, "\(outcome.result)")
        #expect(try outcome.text.contains("#api_host"))
    }

    @Test("A file that is not there is said to be not there")
    func missing() async throws {
        let result = try await Command.duet("migrate", "/nowhere/pam_duo.conf")
        #expect(result.status == 2)
        #expect(result.error.contains("cannot read /nowhere/pam_duo.conf: No such file"))
    }
}
