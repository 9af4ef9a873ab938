import DuetConfiguration
import DuetPolicy
import FoundationEssentials
import Glibc
import Secrets
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    static let good = """
        [duo]
        integration_key = "DIXXXXXXXXXXXXXXXXXX"
        secret_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
        api_host = "api-1234abcd.duosecurity.com"
        """

    /// Loads `text` from a file of its own, with `mode`.
    private func load(_ text: String, mode: Int = 0o600) throws -> Configuration {
        try TemporaryFile(text, mode: mode).use { try Configuration.load(path: $0) }
    }

    private func problems(_ text: String, mode: Int = 0o600) -> [Problem] {
        do {
            _ = try load(text, mode: mode)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        } catch {
            return []
        }
    }

    @Test("The smallest file stands, and the defaults are safe")
    func smallest() throws {
        let configuration = try load(Self.good)
        #expect(configuration.duo.apiHost == "api-1234abcd.duosecurity.com")
        #expect(configuration.duo.authorities == .system)
        #expect(configuration.login == Requirement.standard)
        #expect(configuration.login.fail == .closed)
    }

    @Test("Every setting of [login] is read")
    func login() throws {
        let login = try load(
            Self.good + "\n[login]\nfactors = [\"passcode\", \"push\"]\nfail = \"open\"\ntimeout = \"1m\"\n"
        ).login
        #expect(login == Requirement(factors: [.passcode, .push], fail: .open, timeout: .seconds(60)))
        let more = try load(
            Self.good + """

                [login]
                default_factor = "phone"
                autopush = "prompt"
                prompts = 2
                verified_push = false
                """
        ).login
        #expect(more == Requirement(defaultFactor: .phone, autopush: .prompt, prompts: 2, verifiedPush: false))
    }

    @Test(
        "A mistake names its place and its mend",
        arguments: [
            ("[duo]\nintegration_keyy = \"x\"\n", 2, 1, "unknown key \"integration_keyy\" in [duo]", "integration_key"),
            ("[duo]\nikey = \"x\"\n", 2, 1, "unknown key \"ikey\" in [duo]", "integration_key"),
            ("[due]\n", 1, 2, "unknown table [due]", "duo"),
            (good + "\n[login]\nfail = \"safe\"\n", 6, 1, "\"safe\" is not a value of \"fail\"", "open"),
            (good + "\n[login]\nfail = \"opn\"\n", 6, 1, "\"opn\" is not a value of \"fail\"", "open"),
            (good + "\n[login]\n  timeout = \"10\"\n", 6, 3, "\"10\" is no duration", "100s"),
            (good + "\n[login]\ntimeout = \"1h\"\n", 6, 1, "\"timeout\" must lie between 10s and 100s, not 1h", ""),
            (
                good + "\n[log]\naudit_file = \"audit.jsonl\"\n", 6, 1, "\"audit_file\" must be the absolute path",
                "/var/log"
            ),
            (
                good + "\n[metrics]\nlisten = \"0.0.0.0:9464\"\n", 6, 1, "\"listen\" must be an address of the loop",
                "127"
            ),
            (
                good + "\n[metrics]\nlisten = \"[::1]:80\"\n", 6, 1, "\"listen\" must have a port from 1024",
                "9464"
            ),
            (good + "\n[metrics]\nlisten = \"::1:9464\"\n", 6, 1, "\"listen\" must be an address and a port", "127"),
            (good + "\n[login]\nprompts = 9\n", 6, 1, "\"prompts\" must lie between 1 and 5, not 9", ""),
            (good + "\n[login]\nprompts = \"3\"\n", 6, 1, "\"prompts\" must be a whole number, not a text", "quotes"),
            (good + "\n[login]\nverified_push = 1\n", 6, 1, "\"verified_push\" must be true or false", "quotes"),
            (
                good + "\n[login]\nfactors = [\"push\"]\ndefault_factor = \"sms\"\n", 7, 1,
                "\"default_factor\" is not one of \"factors\"", "sms"
            ),
            (good + "\n[login]\ntimeout = 10\n", 6, 1, "\"timeout\" must be a text, not a whole number", "quotes"),
            (good + "\n[login]\nfactors = \"push\"\n", 6, 1, "\"factors\" must be a list, not a text", "[\"push\""),
            (good + "\n[login]\nfactors = []\n", 6, 1, "\"factors\" is empty: nobody could log in", ""),
            (
                good + "\n[login]\nfactors = [\"push\", \"psuh\"]\n", 6, 20, "\"psuh\" is not a value of \"factors\"",
                "push"
            ),
            (good + "\n[login]\nfactors = [\"push\", \"push\"]\n", 6, 20, "\"push\" stands twice in \"factors\"", ""),
            ("duo = 3\n", 1, 1, "duo must be a table", "[duo]"),
            (
                "[duo]\napi_host = \"https://api-1.duosecurity.com\"\n", 2, 1, "\"api_host\" is not a host name",
                "https://"
            ),
            (
                "[duo]\nca_file = \"ca.pem\"\n", 2, 1, "\"ca_file\" must be \"system\", \"duo\" or an absolute path",
                "leave it out"
            ),
            (
                "[duo]\nca_file = \"\"\n", 2, 1, "\"ca_file\" must be \"system\", \"duo\" or an absolute path",
                "leave it out"
            ),
            ("[duo]\nintegration_key = \"DI1\"\n", 2, 1, "this has 3 characters", "admin panel"),
            ("[duo]\nsecret_key = \"short\"\n", 2, 1, "this has 5 characters", "admin panel"),
            ("[duo]\nsecret_key_file = \"/nonexistent/key\"\n", 2, 1, "cannot read /nonexistent/key", "read"),
            ("[duo]\nsecret_key_file = \"key\"\n", 2, 1, "must be an absolute path", ""),
            ("[duo]\nconnect_timeout = \"11s\"\n", 2, 1, "must lie between 1s and 10s, not 11s", ""),
            ("[duo]\npreauth_timeout = \"1s\"\n", 2, 1, "must lie between 2s and 30s, not 1s", ""),
            ("[duo]\npreauth_reuse = \"61s\"\n", 2, 1, "must lie between 0s and 60s, not 61s", ""),
            ("[duo]\nkeepalive = \"9s\"\n", 2, 1, "must lie between 10s and 110s, not 9s", ""),
            ("[duo]\nkeepalive = true\n", 2, 1, "\"keepalive\"", ""),
            ("[duo]\nmax_connections = 3\n", 2, 1, "must lie between 4 and 4096, not 3", ""),
            ("[duo]\nhttp_proxy = \"http://p:1\"\n", 2, 1, "unknown key \"http_proxy\" in [duo]", "proxy here"),
            ("[duo]\nproxy = \"https://p:1\"\n", 2, 1, "\"proxy\" must begin with http://", ""),
            ("[duo]\nproxy = \"http://p\"\n", 2, 1, "\"proxy\" needs a port", ""),
            ("[duo]\nproxy = \"http://p:0\"\n", 2, 1, "\"proxy\" needs a port", ""),
            ("[duo]\nproxy = \"http://[::1]\"\n", 2, 1, "\"proxy\" needs a port", ""),
            ("[duo]\nproxy = \"http://p:1/x\"\n", 2, 1, "\"proxy\" needs a port", ""),
            ("[duo]\nproxy = \"http://-p:1\"\n", 2, 1, "\"proxy\" names no host", ""),
            ("[duo]\nproxy = \"http://u:%0a@p:1\"\n", 2, 1, "\"proxy\" has a user or password", ""),
            ("[duo]\nproxy = \"http://u%3a:x@p:1\"\n", 2, 1, "\"proxy\" has a user or password", ""),
            ("[duo]\nproxy_file = \"proxy\"\n", 2, 1, "\"proxy_file\" must be an absolute path", ""),
            ("[duo]\nproxy_file = \"/nonexistent/p\"\n", 2, 1, "cannot read /nonexistent/p", "read"),
            (
                "[duo]\nproxy = \"http://p:1\"\nproxy_file = \"/p\"\n", 3, 1,
                "\"proxy\" and \"proxy_file\" exclude each other", ""
            ),
            ("[duo\n", 1, 5, "", "TOML"),
            ("[duo]\napi_host = \"a\"\napi_host = \"b\"\n", 3, 12, "", "TOML"),
            // An assertion of toml++ 3.3, found by `make fuzz`.
            ("x = 1979-05-27TA7:32:00Z", 1, 1, "is it a date or a time?", "TOML"),
            ("x = \"\"\"\n\n\"\"\"\ny = 1979-05-27TA7:32:00Z\nz = 1\n\n", 4, 1, "is it a date or a time?", "TOML"),
        ])
    func mistakes(_ text: String, _ line: Int, _ column: Int, _ message: String, _ hint: String) throws {
        let found = problems(text).filter { $0.message.contains(message) }
        let problem = try #require(found.first, "\(problems(text))")
        #expect(problem.position.map { [$0.line, $0.column] } == [line, column])
        if !hint.isEmpty { #expect(problem.hint?.contains(hint) == true, "\(problem.hint ?? "no hint")") }
    }

    @Test("Time limits and authorities have their defaults and their settings")
    func network() throws {
        let standard = try load(Self.good).duo
        #expect(standard.connectTimeout == .seconds(3) && standard.preauthTimeout == .seconds(5))
        #expect(standard.proxy == nil && standard.caFile == nil)
        #expect(standard.preauthReuse == .zero)
        #expect(try load(Self.good + "\npreauth_reuse = \"60s\"\n").duo.preauthReuse == .seconds(60))
        #expect(standard.keepalive == .seconds(45) && standard.maxConnections == 4_096)
        let set = try load(
            Self.good + "\nconnect_timeout = \"10s\"\npreauth_timeout = \"30s\"\nca_file = \"duo\"\n"
        ).duo
        #expect(set.connectTimeout == .seconds(10) && set.preauthTimeout == .seconds(30))
        let frugal = try load(Self.good + "\nkeepalive = false\nmax_connections = 64\n").duo
        #expect(frugal.keepalive == nil && frugal.maxConnections == 64)
        #expect(try load(Self.good + "\nkeepalive = \"10s\"\n").duo.keepalive == .seconds(10))
        #expect(set.authorities == .duo && set.caFile == "/usr/share/duet/duo-ca.pem")
        #expect(set.caFile(shareFolder: "/opt/share") == "/opt/share/duo-ca.pem")
    }

    @Test(
        "A proxy has a host, a port, and credentials that nobody can print",
        arguments: [
            ("http://proxy.example.org:3128", "proxy.example.org", 3128, nil, nil),
            ("HTTP://Proxy:80/", "proxy", 80, nil, nil), ("http://[fd00::1]:8080", "[fd00::1]", 8080, nil, nil),
            ("http://hop:s3cret@10.0.0.1:1", "10.0.0.1", 1, "hop", "s3cret"),
            ("http://hop@p:1", "p", 1, "hop", ""), ("http://h%40p:a%3Ab%2f%25@p:1", "p", 1, "h@p", "a:b/%"),
            ("http://hop:p@ss:1@p:1", "p", 1, "hop", "p@ss:1"),
        ] as [(String, String, UInt16, String?, String?)])
    func proxy(_ url: String, _ host: String, _ port: UInt16, _ user: String?, _ password: String?) throws {
        func text(_ secret: Secret?) -> String? { secret?.withBytes { String(decoding: $0, as: UTF8.self) } }
        let inline = try #require(try load(Self.good + "\nproxy = \"\(url)\"\n").duo.proxy)
        let fromFile = try TemporaryFile(url + "\n", mode: 0o600).use { path in
            try load(Self.good + "\nproxy_file = \"\(path)\"\n").duo.proxy
        }
        for proxy in [inline, try #require(fromFile)] {
            #expect(proxy.host == host && proxy.port == port)
            #expect(text(proxy.user) == user && text(proxy.password) == password)
            var shown = "\(proxy)"
            dump(proxy, to: &shown)
            #expect(!shown.contains("s3cret") && !shown.contains("hop"))
        }
    }

    @Test("A file with the proxy's password must be private, whichever it is", arguments: [0o640, 0o604])
    func openProxy(mode: Int) throws {
        let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
        try TemporaryFile(key, mode: 0o600).use { keyPath in
            let base = Self.good.replacing("secret_key = \"\(key)\"", with: "secret_key_file = \"\(keyPath)\"")
            let inline = base + "\nproxy = \"http://hop:s3cret@p:1\"\n"
            #expect(problems(inline, mode: mode).contains { $0.message.contains("the proxy's password") })
            #expect(problems(base + "\nproxy = \"http://p:1\"\n", mode: mode).isEmpty)
            try TemporaryFile("http://hop:s3cret@p:1", mode: mode).use { path in
                let found = problems(base + "\nproxy_file = \"\(path)\"\n")
                #expect(found.contains { $0.message.contains("the proxy's password and may be read by others") })
            }
        }
    }

    @Test("All mistakes are told at once, in the order of the file")
    func allAtOnce() {
        let found = problems("[login]\nfail = 1\ntimeout = \"x\"\n[duo]\nfoo = 1\n")
        #expect(found.count >= 6)
        let lines = found.compactMap { $0.position?.line }
        #expect(lines == lines.sorted())
    }

    @Test("A file that holds the secret key and can be read by others is refused", arguments: [0o640, 0o604, 0o644])
    func openSecret(_ mode: Int) {
        #expect(problems(Self.good, mode: mode).contains { $0.hint?.hasPrefix("chmod 0600") == true })
    }

    @Test("The secret key may lie in a file of its own, with a newline at its end")
    func secretFile() throws {
        let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
        try TemporaryFile(key + "\n", mode: 0o600).use { path in
            let text = Self.good.replacing("secret_key = \"\(key)\"", with: "secret_key_file = \"\(path)\"")
            let secret = try load(text, mode: 0o644).duo.secretKey
            #expect(secret.withBytes { Array($0) } == Array(key.utf8))
            #expect(chmod(path, 0o640) == 0)
            #expect(problems(text).contains { $0.message.contains("may be read by others") })
        }
    }

    @Test("No report shows a secret key")
    func noSecret() {
        let text = "[duo]\nsecret_key = \"SECRETSECRET\"\nskey = \"SECRETSECRET\"\nsecret_keyy = \"SECRETSECRET\"\n"
        let found = problems(text)
        #expect(found.count >= 3)
        let proxies = problems(
            "[duo]\nproxy = \"https://SECRETSECRET@p:1\"\nproxyy = \"http://u:SECRETSECRET@p:1\"\n"
                + "x = \"http://u:SECRETSECRET@p:1\"\n[login]\nfail = { p = \"http://u:SECRETSECRET@p\" }\n")
        #expect(proxies.count >= 4)
        // However it is mistyped.
        let key = String(repeating: "SECRET", count: 6) + "SECR"
        let slips = [
            "[duo]\nsecret_key: \"\(key)\"\n", "[duo]\n\"secret_key\" \"\(key)\"\n", "[duo]\nkey = \"\(key)\"\n",
            "duo = { integration_key = \"\(key)\", secret_key = \"\(key)\", api_host = 3 }\n",
            "[duo]\nSECRET = \"SECRETSECRET\"\n", "[duo]\napi_host = \"\(key)\" # secret_key = \"SECRETSECRET\"\n",
        ].flatMap { problems($0) }
        #expect(slips.count >= 6)
        for problem in slips {
            #expect(!problem.rendered(path: "f").contains("SECRETSECRET"))
        }
        for problem in found + proxies { #expect(!problem.rendered(path: "f").contains("SECRETSECRET")) }
    }

    @Test("A missing file, a folder and bytes that are not UTF-8 are told apart")
    func unreadable() {
        #expect(throws: ConfigurationError.self) { try Configuration.load(path: "/nonexistent/duet.toml") }
        #expect(throws: ConfigurationError.self) { try Configuration.load(path: "/") }
        #expect(problems("").first?.message == "there is no table [duo]")
    }

    @Test("The report shows the line, marks the place and gives the hint")
    func report() throws {
        let problem = try #require(
            problems("[duo]\nintegration_keyy = \"x\"\n").first { $0.message.contains("unknown") })
        #expect(
            problem.rendered(path: "duet.toml") == """
                duet.toml:2:1: unknown key "integration_keyy" in [duo]
                  2 | integration_keyy = "x"
                    | ^
                  hint: did you mean "integration_key"?
                """)
    }
}
