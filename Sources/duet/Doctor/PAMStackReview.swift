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

    /// What the modules say that are neither Duet nor a first factor.
    private struct Others {
        var condition = false
        var other = true
        var silent = "ignore"

        static let all: [Others] = [false, true].flatMap { condition in
            [true, false].flatMap { other in
                ["ignore", "success"].map { Others(condition: condition, other: other, silent: $0) }
            }
        }
    }

    let stack: PAMStack

    var faults: [Fault] {
        if let missing = stack.missing.first { return [.broken(missing: missing)] }
        var faults = denials
        faults += detours
        if stack.firstFactors.isEmpty {
            faults.append(.noFirstFactor)
        } else if Others.all.contains(where: { outcome(factor: nil, duet: "success", $0).askedDuet }) {
            faults.append(.pushAfterWrongPassword)
        }
        let isGranted = ways.contains { way in Others.all.contains { outcome(factor: way, duet: "success", $0).granted }
        }
        if !isGranted {
            faults.append(.neverGrants)
        }
        return faults
    }

    /// Separately, because it hurts only where a rule says so.
    var ignoreFault: Fault? {
        let isGranted = ways.contains { way in
            [true, false].contains { outcome(factor: way, duet: "ignore", Others(condition: $0)).granted }
        }
        return isGranted ? nil : .ignoreRefuses
    }

    /// The lines by one of which a person gets in; a key has been shown to sshd where there is none.
    private var ways: [PAMLine?] { stack.firstFactors.isEmpty ? [nil] : stack.firstFactors }

    private var denials: [Fault] {
        for value in Self.refusals {
            for way in ways {
                for others in Others.all {
                    let outcome = outcome(factor: way, duet: value, others)
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
            let outcomes = [false, true].map {
                outcome(factor: way, duet: "auth_err", Others(condition: $0, other: false))
            }
            let reached = outcomes.first { $0.called.contains(way) }
            if let reached, reached.granted, !reached.askedDuet { faults.append(.skipped(by: way.moduleName)) }
        }
        // What nobody knows here, or is taken for silent, may end the stack too: with a first factor or without.
        for way in [nil] + ways.compactMap(\.self) {
            for others in Others.all where !others.condition {
                let outcome = outcome(factor: way, duet: "auth_err", others)
                guard outcome.granted, !outcome.askedDuet, let last = outcome.called.last,
                    last.kind == .other || last.kind == .silent, !faults.contains(.skipped(by: last.moduleName))
                else { continue }
                faults.append(.skipped(by: last.moduleName))
            }
        }
        for condition in stack.conditions where faults.isEmpty && condition.moduleName != "pam_rootok" {
            for way in ways {
                let outcome = stack.outcome { line in
                    line == condition ? "success" : self.value(line, factor: way, duet: "auth_err", Others())
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

    private func outcome(factor: PAMLine?, duet: String, _ others: Others) -> PAMStack.Outcome {
        stack.outcome { value($0, factor: factor, duet: duet, others) }
    }

    private func value(_ line: PAMLine, factor: PAMLine?, duet: String, _ others: Others) -> String {
        switch line.kind {
        case .duet: duet
        case .prefetch: "ignore"
        case .firstFactor: line == factor ? "success" : "auth_err"
        case .permit: "success"
        case .other: others.other ? "success" : "auth_err"
        case .deny: "auth_err"
        // The caller is no root: what root may do without a password is no detour.
        case .condition: others.condition && line.moduleName != "pam_rootok" ? "success" : "auth_err"
        case .silent: line.arguments.contains("authfail") ? "auth_err" : others.silent
        }
    }
}
