extension PAMLine {
    /// What a module does, as far as it matters to the order of a stack.
    enum Kind: Sendable {
        case duet
        /// Only says who is coming: asks nobody and decides nothing.
        case prefetch
        /// Asks for a password, or the like.
        case firstFactor
        case permit
        /// Another second factor, a captcha, or nobody knows what: it may say yes and it may say no.
        case other
        case deny
        /// Holds for some logins and not for others, without asking anybody.
        case condition
        /// Says nothing about the person. Some return success for that (`pam_faillock authsucc`), others ignore.
        case silent
    }

    private static let firstFactors: Set<String> = [
        "pam_unix", "pam_sss", "pam_ldap", "pam_krb5", "pam_winbind", "pam_systemd_home", "pam_fprintd", "pam_authd",
        "pam_himmelblau", "pam_kanidm", "pam_pwdfile", "pam_userdb", "pam_radius_auth", "pam_ssh_agent_auth",
        "pam_pkcs11", "pam_p11", "pam_tacplus", "pam_unix_auth", "pam_usermapper", "pam_aad",
    ]
    private static let conditions: Set<String> = [
        "pam_succeed_if", "pam_localuser", "pam_access", "pam_time", "pam_wheel", "pam_listfile", "pam_shells",
        "pam_rootok", "pam_securetty", "pam_usertype", "pam_issue", "pam_exec", "pam_timestamp", "pam_group",
    ]
    private static let silent: Set<String> = [
        "pam_env", "pam_faildelay", "pam_nologin", "pam_cap", "pam_keyinit", "pam_warn", "pam_echo", "pam_motd",
        "pam_faillock", "pam_tally2", "pam_gnome_keyring", "pam_kwallet5", "pam_mount", "pam_ecryptfs", "pam_systemd",
    ]

    var kind: Kind {
        switch moduleName {
        case "pam_duet": arguments.contains("prefetch") ? .prefetch : .duet
        case "pam_deny": .deny
        case let name where Self.firstFactors.contains(name): .firstFactor
        case let name where Self.conditions.contains(name): .condition
        case let name where Self.silent.contains(name): .silent
        case "pam_permit": .permit
        default: .other
        }
    }
}
