import DuetConfiguration
import DuetPolicy

/// Do the PAM lines stand in an order in which a denial denies and a wrong password sends no push?
struct PAMStackCheck: DoctorCheck {
    let name = "PAM order"

    func run(_ patient: Patient) -> [Finding] {
        guard !patient.stacks.isEmpty else {
            return [warning("no service in /etc/pam.d asks Duet", mend: "duet setup adds it to sshd, sudo and others")]
        }
        return patient.stacks.flatMap { stack -> [Finding] in
            let review = PAMStackReview(stack: stack)
            var faults = review.faults
            // Where sshd does not say what holds, nothing is known of what it asks first.
            if stack.service.hasPrefix("sshd"), Self.keyComesFirst(patient.sshd) || patient.sshd?.error != nil {
                faults.removeAll { $0 == .noFirstFactor }
            }
            var findings = faults.map { Self.finding($0, stack, self) }
            if let rule = Self.ignoringRule(patient), review.ignoreFault != nil {
                findings.append(
                    failure(
                        "\(stack.service): whom rule \"\(rule)\" leaves to the other modules (verdict = \"ignore\") is refused: "
                            + "no other module says yes", mend: "verdict = \"success\" in that rule"))
            }
            if let line = stack.duoUnix.first {
                findings.append(
                    warning(
                        "\(stack.service): duo_unix asks too (\(line.place)): everybody has to answer twice",
                        mend: "take that line out, and the pam_deny.so that it jumps over: operations.md, From duo_unix"
                    ))
            }
            let places = stack.duet.map(\.place).joined(separator: ", ")
            return findings.isEmpty
                ? [ok("\(stack.service): a denial denies, a wrong password sends no push (\(places))")] : findings
        }
    }

    /// sshd lets nobody come to PAM who has not shown a key.
    static func keyComesFirst(_ sshd: SSHDSettings?) -> Bool {
        guard let methods = sshd?.methods else { return false }
        return methods.allSatisfy { list in
            guard let first = list.first else { return false }
            return ["publickey", "hostbased", "gssapi-with-mic"].contains(first)
        }
    }

    private static func ignoringRule(_ patient: Patient) -> String? {
        patient.settings?.policy.rules.first { rule in
            if case .bypass(.ignore) = rule.action { true } else { false }
        }?.name
    }

    static func finding(_ fault: PAMStackReview.Fault, _ stack: PAMStack, _ check: some DoctorCheck) -> Finding {
        let service = stack.service
        let order = "put pam_duet behind the password with requisite before it: see pam_duet(8), NOTES"
        switch fault {
        case .broken(let missing):
            return check.failure(
                "\(service) includes \(missing), which is not there: libpam refuses every login",
                mend: "restore the file")
        case .denialPasses(let value):
            return check.failure(
                "\(service): Duet's refusal is lost: when it returns \(value), the login passes",
                mend: "auth required pam_duet.so, or requisite: no sufficient or optional, no [default=ignore]")
        case .skipped(let module):
            return check.failure(
                "\(service): who satisfies \(module) is let in without Duet", mend: order)
        case .skippedIf(let condition):
            return check.warning(
                "\(service): Duet is not asked where this holds: \(condition)",
                mend: "if that is not meant, put pam_duet.so before it; a rule with action = \"bypass\" is logged")
        case .pushAfterWrongPassword:
            return check.failure(
                "\(service): a wrong password sends a push: whoever knows a name can make phones ring", mend: order)
        case .neverGrants:
            return check.failure(
                "\(service): nobody gets in, even with the right password and Duo's yes",
                mend: "a module after pam_duet.so must say yes, or pam_duet.so be required")
        case .noFirstFactor:
            let help =
                service.hasPrefix("sshd")
                ? "\nwith keys: AuthenticationMethods publickey,keyboard-interactive in sshd_config" : ""
            return check.failure("\(service): Duet is the only factor: no password is asked", mend: order + help)
        case .ignoreRefuses:
            return check.failure(
                "\(service): whom Duet leaves to the other modules is refused",
                mend: "verdict = \"success\" in the rule")
        }
    }
}
