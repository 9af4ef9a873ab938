/// Tries a stack out: whether a denial denies, a wrong password sends no push, and nothing leads around Duet.
struct PAMStackReview {
    enum Fault: Equatable {
        /// A file that is included is not there.
        case broken(missing: String)
        /// Duet said this, and the login passed.
        case denialPasses(value: String)
        /// This module's success ends the stack before Duet.
        case skipped(by: String)
        /// Only for logins for which a condition holds.
        case skippedIf(condition: String)
        /// The first factor failed, and Duet was asked nevertheless.
        case pushAfterWrongPassword
        /// Both factors are right, and the login is refused.
        case neverGrants
        /// There is nothing but Duet.
        case noFirstFactor
        /// Duet leaves the login to the others (`bypass` with `verdict = "ignore"`), and they refuse it.
        case ignoreRefuses
    }

    /// What pam_duet returns where it does not let in: pam_duet(8).
    static let refusals = [
        "auth_err", "maxtries", "abort", "user_unknown", "authinfo_unavail", "conv_err", "incomplete", "service_err",
        "buf_err", "system_err",
    ]

    let stack: PAMStack

    var faults: [Fault] {
        if let missing = stack.missing.first { return [.broken(missing: missing)] }
        var faults = denials
        faults += detours
        if stack.firstFactors.isEmpty {
            faults.append(.noFirstFactor)
        } else if [true, false].contains(where: { outcome(factor: nil, duet: "success", conditions: $0).askedDuet }) {
            faults.append(.pushAfterWrongPassword)
        }
        if !ways.contains(where: { outcome(factor: $0, duet: "success", conditions: false).granted })
            && !ways.contains(where: { outcome(factor: $0, duet: "success", conditions: true).granted })
        {
            faults.append(.neverGrants)
        }
        return faults
    }

    /// Separately, because it hurts only where a rule says so.
    var ignoreFault: Fault? {
        let isGranted = ways.contains { way in
            [true, false].contains { outcome(factor: way, duet: "ignore", conditions: $0).granted }
        }
        return isGranted ? nil : .ignoreRefuses
    }

    /// The lines by one of which a person gets in; a key has been shown to sshd where there is none.
    private var ways: [PAMLine?] { stack.firstFactors.isEmpty ? [nil] : stack.firstFactors }

    private var denials: [Fault] {
        for value in Self.refusals {
            for way in ways {
                for conditions in [false, true] {
                    let outcome = outcome(factor: way, duet: value, conditions: conditions)
                    if outcome.askedDuet && outcome.granted { return [.denialPasses(value: value)] }
                }
            }
        }
        return []
    }

    private var detours: [Fault] {
        var faults: [Fault] = []
        for way in ways.compactMap(\.self) {
            // A module that only some logins come to (pam_localuser) is judged where they do.
            let outcomes = [false, true].map { outcome(factor: way, duet: "auth_err", conditions: $0) }
            let reached = outcomes.first { $0.called.contains(way) }
            if let reached, reached.granted, !reached.askedDuet { faults.append(.skipped(by: way.moduleName)) }
        }
        for condition in stack.conditions where faults.isEmpty && condition.moduleName != "pam_rootok" {
            for way in ways {
                let outcome = stack.outcome { line in
                    line == condition ? "success" : self.value(line, factor: way, duet: "auth_err", conditions: false)
                }
                if outcome.granted && !outcome.askedDuet {
                    faults.append(
                        .skippedIf(condition: ([condition.moduleName] + condition.arguments).joined(separator: " ")))
                    break
                }
            }
        }
        return faults
    }

    private func outcome(factor: PAMLine?, duet: String, conditions: Bool) -> PAMStack.Outcome {
        stack.outcome { value($0, factor: factor, duet: duet, conditions: conditions) }
    }

    private func value(_ line: PAMLine, factor: PAMLine?, duet: String, conditions: Bool) -> String {
        switch line.kind {
        case .duet: duet
        case .prefetch: "ignore"
        case .firstFactor: line == factor ? "success" : "auth_err"
        case .permit: "success"
        case .deny: "auth_err"
        // The caller is no root: what root may do without a password is no detour.
        case .condition: conditions && line.moduleName != "pam_rootok" ? "success" : "auth_err"
        case .silent: line.arguments.contains("authfail") ? "auth_err" : "ignore"
        }
    }
}
