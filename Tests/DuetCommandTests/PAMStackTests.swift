import Testing

@testable import duet

@Suite("The order of PAM lines", .serialized)
struct PAMStackTests {
    typealias Fault = PAMStackReview.Fault

    private static let debian = """
        auth\t[success=1 default=ignore]\tpam_unix.so nullok
        auth\trequisite\t\t\tpam_deny.so
        auth\trequired\t\t\tpam_permit.so
        auth\toptional\t\t\tpam_cap.so
        """
    private static let fedora = """
        auth        required                                     pam_env.so
        auth        required                                     pam_faildelay.so delay=2000000
        auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
        auth        [default=1 ignore=ignore success=ok]         pam_localuser.so
        auth        sufficient                                   pam_unix.so nullok
        auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
        auth        sufficient                                   pam_sss.so forward_pass
        auth        required                                     pam_deny.so
        """

    @Test(
        "A stack is judged by what libpam makes of it",
        arguments: [
            ("@include common-auth\nauth required pam_duet.so", []),
            ("@include common-auth\nauth requisite pam_duet.so", []),
            ("auth requisite pam_unix.so\nauth required pam_duet.so", []),
            ("auth optional pam_duet.so prefetch\nauth requisite pam_unix.so\nauth required pam_duet.so", []),
            (
                "auth optional pam_duet.so prefetch\nauth required pam_unix.so\nauth required pam_duet.so",
                [.pushAfterWrongPassword]
            ),
            ("auth requisite pam_unix.so\nauth [success=ok default=die] pam_duet.so", []),
            ("-auth optional pam_gnome_keyring.so\n@include common-auth\nauth \\\n required pam_duet.so", []),
            ("auth sufficient pam_rootok.so\n@include common-auth\nauth required pam_duet.so", []),
            ("auth required pam_unix.so\nauth required pam_duet.so", [.pushAfterWrongPassword]),
            ("auth required pam_duet.so\n@include common-auth", [.pushAfterWrongPassword]),
            ("@include common-auth\nauth sufficient pam_duet.so", [.denialPasses(value: "auth_err")]),
            ("@include common-auth\nauth optional pam_duet.so", [.denialPasses(value: "auth_err")]),
            (
                "@include common-auth\nauth [success=ok authinfo_unavail=ignore default=die] pam_duet.so",
                [.denialPasses(value: "authinfo_unavail")]
            ),
            (
                "auth sufficient pam_unix.so\nauth required pam_duet.so",
                [.skipped(by: "pam_unix"), .pushAfterWrongPassword]
            ),
            (
                "auth sufficient pam_fprintd.so\n@include common-auth\nauth required pam_duet.so",
                [.skipped(by: "pam_fprintd")]
            ),
            (
                "auth [success=2 default=ignore] pam_succeed_if.so user ingroup nomfa\n"
                    + "auth requisite pam_unix.so\nauth required pam_duet.so\nauth required pam_permit.so",
                [.skippedIf(condition: "pam_succeed_if user ingroup nomfa")]
            ),
            ("auth required pam_duet.so", [.noFirstFactor]),
            ("@include common-auth\nauth required pam_duet.so\nauth required pam_deny.so", [.neverGrants]),
            ("@include no-such-file\nauth required pam_duet.so", [.broken(missing: "no-such-file")]),
            // The substack's end is not the stack's: libpam goes on, and Duet is asked.
            ("auth substack password-auth\nauth required pam_duet.so", [.pushAfterWrongPassword]),
            (
                "auth include password-auth\nauth required pam_duet.so",
                [.skipped(by: "pam_unix"), .skipped(by: "pam_sss"), .pushAfterWrongPassword]
            ),
            // A module that nobody knows here, or that says yes to everybody, ends the stack as well.
            (
                "auth sufficient pam_u2f.so cue\n@include common-auth\nauth required pam_duet.so",
                [.skipped(by: "pam_u2f")]
            ),
            (
                "auth sufficient pam_u2f.so cue\n@include common-auth\nauth sufficient pam_duet.so",
                [.denialPasses(value: "auth_err"), .skipped(by: "pam_u2f")]
            ),
            (
                "auth [success=1 default=bad] pam_unix.so\nauth [default=die] pam_faillock.so authfail\n"
                    + "auth sufficient pam_faillock.so authsucc\nauth required pam_duet.so",
                [.skipped(by: "pam_faillock")]
            ),
            (
                "auth required pam_faillock.so preauth\nauth [success=1 default=bad] pam_unix.so\n"
                    + "auth [default=die] pam_faillock.so authfail\nauth required pam_duet.so",
                []
            ),
            ("auth required pam_google_authenticator.so\n@include common-auth\nauth required pam_duet.so", []),
            // What stands behind a comment that ends in CR LF, or in a backslash, is in force.
            (
                "# here\r\nauth sufficient pam_unix.so\nauth required pam_duet.so",
                [
                    .skipped(by: "pam_unix"), .pushAfterWrongPassword,
                ]
            ),
            (
                "# here \\\nauth sufficient pam_unix.so\nauth required pam_duet.so",
                [
                    .skipped(by: "pam_unix"), .pushAfterWrongPassword,
                ]
            ),
            (
                "auth [success = done default = ignore] pam_unix.so\nauth required pam_duet.so",
                [
                    .skipped(by: "pam_unix"), .pushAfterWrongPassword,
                ]
            ),
            ("@include common-auth\nauth required pam_duet.so\nauth requird pam_permit.so", [.neverGrants]),
        ] as [(String, [Fault])])
    func faults(_ text: String, _ expected: [Fault]) throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/common-auth", Self.debian)
        try folder.write("etc/pam.d/password-auth", Self.fedora)
        try folder.write("etc/pam.d/test", text + "\naccount required pam_permit.so\n")
        let stack = PAMStack(service: "test", host: Host(root: folder.path))
        #expect(PAMStackReview(stack: stack).faults == expected)
    }

    @Test("Where no other module says yes, a bypass by ignore is a refusal")
    func ignore() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/key", "auth required pam_duet.so\n")
        try folder.write("etc/pam.d/password", "auth requisite pam_unix.so\nauth required pam_duet.so\n")
        let host = Host(root: folder.path)
        #expect(PAMStackReview(stack: PAMStack(service: "key", host: host)).ignoreFault == .ignoreRefuses)
        #expect(PAMStackReview(stack: PAMStack(service: "password", host: host)).ignoreFault == nil)
    }

    @Test(
        "A file is read as libpam reads it",
        arguments: [
            "auth required pam_permit.so", "auth required pam_deny.so", "# a \\\nauth required pam_deny.so",
            "auth required pam_permit.so # b \\\nauth required pam_deny.so", "auth \\\n required \\ \n pam_permit.so",
            "auth \\\n# between\n\n required pam_permit.so",
            "# a\r\nauth required pam_deny.so\nauth required pam_permit.so",
            "auth required pam_permit.so\r\nauth required pam_permit.so", "AUTH Required pam_permit.so",
            "auth [success = ok default = bad] pam_permit.so", "auth [success=0 default=ok] pam_permit.so",
            "auth requird pam_permit.so\nauth required pam_permit.so", "auth\nauth required pam_permit.so",
            "auth required\nauth required pam_permit.so", "nonsense here\nauth required pam_permit.so",
            "auth required pam_permit.so\nauth required \\", "auth required pam_permit.so \\",
            "auth\u{A0}required pam_deny.so\nauth required pam_permit.so", "auth\trequired\tpam_permit.so",
            "auth [success=1 default=ignore] pam_permit.so\nauth requisite pam_deny.so\nauth required pam_permit.so",
            "auth [success=2 default=ignore] pam_permit.so\nauth requisite pam_deny.so",
            "@include other-one\nauth required pam_permit.so", "auth substack other-one\nauth required pam_permit.so",
            "auth [success=1 default=ignore] pam_permit.so\n@include other-one\nauth required pam_permit.so",
            "auth [success=1 default=ignore] pam_permit.so\nauth substack other-one\nauth required pam_permit.so",
        ])
    func reading(_ text: String) throws {
        let folder = try TemporaryFolder()
        let other = try folder.write("other-one", "auth sufficient pam_permit.so\nauth required pam_deny.so\n")
        try compare(text.replacing("other-one", with: other) + (text.hasSuffix("\\") ? "" : "\n"), folder)
    }

    @Test("Jumps, substacks and what ends a stack are what libpam makes of them", arguments: 0..<400)
    func random(_ seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ count: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(count))
        }
        func action() -> String { ["ignore", "ok", "done", "bad", "die", "reset", "1", "2", "3"][next(9)] }
        func line(_ deeper: [String]) -> String {
            if !deeper.isEmpty, next(4) == 0 {
                return "auth \(["include", "substack"][next(2)]) \(deeper[next(deeper.count)])\n"
            }
            let control =
                next(2) == 0
                ? ["required", "requisite", "sufficient", "optional"][next(4)]
                : "[success=\(action()) \(next(3) == 0 ? "ignore=\(action()) " : "")default=\(action())]"
            return "auth \(control) \(["pam_permit.so", "pam_deny.so"][next(2)])\n"
        }
        func lines(_ deeper: [String]) -> String { (0...next(5)).map { _ in line(deeper) }.joined() }
        let folder = try TemporaryFolder()
        let two = try folder.write("two", lines([]))
        let one = try folder.write("one", lines([two]))
        try compare(lines([one, two]), folder)
    }

    /// pam_permit and pam_deny say what they are called, here and in libpam. Files are included by their whole path: libpam 1.5
    /// looks for others in /etc/pam.d.
    private func compare(_ lines: String, _ folder: TemporaryFolder) throws {
        let text = "account required pam_permit.so\n" + lines
        try folder.write("test", text)
        let stack = PAMStack(service: "test", host: Host(root: "/"), replacements: ["/etc/pam.d/test": text])
        let outcome = stack.outcome { $0.module == "pam_permit.so" ? "success" : "auth_err" }
        let failure = TestLogin(service: "test", user: "root", folder: folder.path).failure()
        let isSaid = stack.missing.isEmpty && outcome.granted
        #expect(isSaid == (failure == nil), "libpam: \(failure ?? "let in")\n\(text)")
    }

    @Test("Files that include each other end somewhere")
    func endless() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/a", "auth include b\n")
        try folder.write("etc/pam.d/b", "auth include a\n")
        #expect(!PAMStack(service: "a", host: Host(root: folder.path)).missing.isEmpty)
    }
}
