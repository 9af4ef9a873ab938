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

    @Test("Files that include each other end somewhere")
    func endless() throws {
        let folder = try TemporaryFolder()
        try folder.write("etc/pam.d/a", "auth include b\n")
        try folder.write("etc/pam.d/b", "auth include a\n")
        #expect(!PAMStack(service: "a", host: Host(root: folder.path)).missing.isEmpty)
    }
}
