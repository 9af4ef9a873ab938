import DuetPolicy

extension RuleFacts {
    /// Alice's sudo over ssh, on a Monday in 2026 at noon, UTC.
    static func sample(
        service: ExactName = "sudo", user: ExactName = "alice", groups: Groups = .known(["alice", "staff"]),
        client: Client = .none, isOnConsole: Bool = false, tty: String? = "/dev/pts/3", usedPublicKey: Bool = false,
        isEnabled: Bool? = true, time: Int64 = 1_768_219_200
    ) -> RuleFacts {
        RuleFacts(
            service: service, user: user, groups: groups, client: client, isOnConsole: isOnConsole, tty: tty,
            usedPublicKey: usedPublicKey, isEnabled: isEnabled, time: time)
    }
}

extension RuleFacts.Client {
    static func at(_ text: String) -> RuleFacts.Client { RuleFacts.Client(sshConnection: nil, rhost: text) }
}
