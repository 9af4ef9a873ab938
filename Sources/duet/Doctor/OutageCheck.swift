import DuetConfiguration
import DuetPolicy
import Glibc

/// What happens at this moment to root and to a user while Duo cannot be reached: by the policy, as `duet explain` says.
struct OutageCheck: DoctorCheck {
    let name = "if Duo is down"

    func run(_ patient: Patient) -> [Finding] {
        guard let policy = patient.settings?.policy ?? (try? Configuration.policy(path: patient.configurationPath))
        else {
            return [skipped("the configuration does not stand")]
        }
        guard !patient.stacks.isEmpty else { return [skipped("no service asks Duet")] }
        var findings: [Finding] = []
        for account in ["root", patient.user].compactMap(\.self).compactMap(ExplainAccount.init) {
            findings += patient.stacks.map { look($0.service, account, policy) }
        }
        return findings + wayIn(patient, policy)
    }

    private func look(_ service: String, _ account: ExplainAccount, _ policy: Policy) -> Finding {
        let isNetwork = Self.isNetwork(service)
        let evaluation = policy.evaluate(Self.facts(service, account))
        let who = "\(account.name) to \(service)\(isNetwork ? " over the network" : "")"
        let rule = evaluation.rule.map { " (rule \"\($0.name.plain)\")" } ?? " (no rule matches)"
        switch evaluation.action {
        case .bypass: return ok("\(who): is not asked by Duo at all\(rule)")
        case .deny: return ok("\(who): is refused, as always\(rule)")
        case .require(let requirement):
            switch requirement.fail {
            case .closed: return ok("\(who): is refused\(rule)")
            case .open where isNetwork || account.uid == 0:
                return warning(
                    "\(who): gets in with the first factor alone\(rule)",
                    mend: "fail = \"closed\" in that rule: who can cut the line to Duo can do without it")
            case .open: return ok("\(who): gets in with the first factor alone\(rule)")
            }
        }
    }

    /// Is there one way for root that does not need Duo?
    private func wayIn(_ patient: Patient, _ policy: Policy) -> [Finding] {
        guard let root = ExplainAccount(name: "root") else { return [] }
        let asking = Set(patient.stacks.map(\.service))
        let consoles = ["login", "su", "sshd", "gdm-password", "lightdm", "sddm"].filter {
            patient.host.status("/etc/pam.d/\($0)") != nil
        }
        let free = consoles.filter { service in
            guard asking.contains(service) else { return service != "su" }
            switch policy.evaluate(Self.facts(service, root)).action {
            case .bypass: return true
            case .deny: return false
            case .require(let requirement): return requirement.fail == .open
            }
        }
        guard free.isEmpty else { return [ok("root gets in by \(free.joined(separator: ", ")), without Duo")] }
        return [
            warning(
                "root has no way in while Duo is down",
                mend: "leave the console (login) without pam_duet.so, or give it a rule: when = { user = [\"root\"], "
                    + "address = [\"local\"] } with fail = \"open\"")
        ]
    }

    private static func isNetwork(_ service: String) -> Bool { service.hasPrefix("sshd") || service == "cockpit" }

    private static func facts(_ service: String, _ account: ExplainAccount) -> RuleFacts {
        let isNetwork = isNetwork(service)
        // An address that is nobody's: RFC 5737.
        let client = RuleFacts.Client(sshConnection: nil, rhost: isNetwork ? "203.0.113.1" : nil)
        let tty = isNetwork ? "ssh" : service == "login" ? "tty1" : "pts/0"
        return RuleFacts(
            service: ExactName(service), user: ExactName(account.name), groups: account.groups, client: client,
            isOnConsole: service == "login", tty: tty, usedPublicKey: false, isEnabled: nil, time: Int64(time(nil)))
    }
}
