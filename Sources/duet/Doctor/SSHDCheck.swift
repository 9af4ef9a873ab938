import DuetConfiguration
import DuetPolicy

/// Does sshd ask PAM, in a way in which Duet can ask?
struct SSHDCheck: DoctorCheck {
    let name = "sshd"

    /// From this version on sshd shows what a module says at once: OpenSSH 10.3, bug 2876.
    private static let showsProgress = (10, 3)

    func run(_ patient: Patient) -> [Finding] {
        guard let stack = patient.stacks.first(where: { $0.service == "sshd" }) else {
            return [skipped("its PAM service does not ask Duet")]
        }
        guard let sshd = patient.sshd else { return [skipped("there is no sshd")] }
        if let error = sshd.error {
            return [failure("its configuration does not stand: \(error)", mend: "sshd -t says where")]
        }
        var findings = switches(sshd) + methods(sshd, stack)
        findings += grace(sshd, stack, patient) + exceptions(patient.host) + root(sshd, patient.host)
        if let version = sshd.version {
            let said = "OpenSSH \(version.major).\(version.minor)"
            findings.append(
                (version.major, version.minor) >= Self.showsProgress
                    ? ok("\(said) shows what Duet says at once")
                    : ok("\(said) shows texts only with the next question: Duet says what matters in questions"))
        }
        return findings
    }

    private func switches(_ sshd: SSHDSettings) -> [Finding] {
        var findings: [Finding] = []
        if sshd.isOn("usepam") == false {
            findings.append(failure("UsePAM is no: Duet is never asked", mend: "UsePAM yes in sshd_config"))
        }
        if sshd.isOn("kbdinteractiveauthentication") == false {
            findings.append(
                failure(
                    "KbdInteractiveAuthentication is no: Duet cannot ask",
                    mend: "KbdInteractiveAuthentication yes in sshd_config"))
        }
        if sshd.isOn("passwordauthentication") == true, reachesPassword(sshd) {
            findings.append(
                failure(
                    "PasswordAuthentication is yes: sshd answers Duet's question with the login password, and the login fails",
                    mend: "PasswordAuthentication no in sshd_config: passwords are asked by keyboard-interactive"))
        }
        return findings.isEmpty ? [ok("asks PAM, and lets Duet ask")] : findings
    }

    /// `sshd -T` says what holds for everybody; a Match block may say otherwise for some.
    func exceptions(_ host: Host, replacements: [String: String] = [:]) -> [Finding] {
        // Where PAM asks for no password, keyboard-interactive alone is Duet alone.
        let needsKey = PAMStack(service: "sshd", host: host, replacements: replacements).firstFactors.isEmpty
        let folder = "/etc/ssh/sshd_config.d"
        let files =
            ["/etc/ssh/sshd_config"] + host.files(folder).filter { $0.hasSuffix(".conf") }.map { "\(folder)/\($0)" }
        let keys = ["authenticationmethods", "passwordauthentication", "kbdinteractiveauthentication", "usepam"]
        return files.flatMap { file -> [Finding] in
            var match: String?
            var findings: [Finding] = []
            for (index, line) in (host.text(file) ?? "").fileLines.enumerated() {
                let words = line.split { $0.isWhitespace || $0 == "=" }
                guard let key = words.first?.lowercased() else { continue }
                if key == "match" {
                    match = words.dropFirst().joined(separator: " ") == "all" ? nil : line.trimmed.plain
                } else if let match, keys.contains(key), !isHarmless(key, words.dropFirst().map(String.init), needsKey)
                {
                    findings.append(
                        warning(
                            "\(file):\(index + 1): \"\(line.trimmed.plain)\" holds for \"\(match)\", and may leave Duet or the first factor out",
                            mend: "sshd -T -C user=NAME,host=HOST,addr=ADDRESS shows what holds for a login"))
                }
            }
            return findings
        }
    }

    private func isHarmless(_ key: String, _ values: [String], _ needsKey: Bool) -> Bool {
        switch key {
        case "authenticationmethods":
            !values.isEmpty
                && values.allSatisfy { list in
                    let methods = list.split(separator: ",")
                    return methods.contains { $0.hasPrefix("keyboard-interactive") }
                        && (!needsKey
                            || methods.contains { ["publickey", "hostbased", "gssapi-with-mic"].contains($0) })
                }
        case "passwordauthentication": values == ["no"]
        default: values == ["yes"]
        }
    }

    /// Unless PermitRootLogin is yes, sshd gives PAM a wrong answer in place of root's: auth-pam.c, sshpam_respond.
    private func root(_ sshd: SSHDSettings, _ host: Host) -> [Finding] {
        guard Self.keepsRootOut(sshd, host) else { return [] }
        return [
            warning(
                "root has a key, and cannot get in with it: PermitRootLogin \(sshd["permitrootlogin"] ?? "") keeps root's "
                    + "answers from Duet", mend: Self.rootsWay)
        ]
    }

    static let rootsWay =
        "PermitRootLogin yes in sshd_config, where AuthenticationMethods asks for a key too; or log in as somebody else"

    /// Does root come by ssh now, and would not once sshd asks Duet? Judged by the file where sshd looks by default
    /// (AuthorizedKeysFile, sshd_config(5)) in the folder that Linux gives root (hier(7)).
    static func keepsRootOut(_ sshd: SSHDSettings, _ host: Host) -> Bool {
        guard let permit = sshd["permitrootlogin"], !["yes", "no"].contains(permit) else { return false }
        let keys = host.text("/root/.ssh/authorized_keys") ?? ""
        return keys.split(separator: "\n").contains { !$0.trimmed.isEmpty && !$0.trimmed.hasPrefix("#") }
    }

    private func reachesPassword(_ sshd: SSHDSettings) -> Bool {
        sshd.methods?.contains { $0.contains("password") } ?? true
    }

    private func methods(_ sshd: SSHDSettings, _ stack: PAMStack) -> [Finding] {
        guard let methods = sshd.methods else {
            var others: [String] = []
            if sshd.isOn("pubkeyauthentication") != false { others.append("a key") }
            if sshd.isOn("gssapiauthentication") == true { others.append("Kerberos") }
            if sshd.isOn("hostbasedauthentication") == true { others.append("the client host's word") }
            guard !others.isEmpty else { return [] }
            return [
                failure(
                    "AuthenticationMethods is any: who has \(others.joined(separator: " or ")) gets in without Duet",
                    mend: stack.firstFactors.isEmpty
                        ? "AuthenticationMethods publickey,keyboard-interactive in sshd_config"
                        : "AuthenticationMethods keyboard-interactive in sshd_config")
            ]
        }
        return methods.filter { !$0.contains("keyboard-interactive") }.map { list in
            failure(
                "AuthenticationMethods has \(list.joined(separator: ",")), which gets in without Duet",
                mend: "end each list with keyboard-interactive")
        }
    }

    private func grace(_ sshd: SSHDSettings, _ stack: PAMStack, _ patient: Patient) -> [Finding] {
        guard let grace = sshd.graceTime, grace > 0 else { return [] }
        let module =
            stack.duet.flatMap(\.arguments).compactMap { word in
                word.hasPrefix("timeout=") ? Int(word.dropFirst("timeout=".count)) : nil
            }.max() ?? 110
        let rule = patient.settings.map { configuration in
            configuration.policy.rules.compactMap { rule -> Int? in
                guard case .require(let requirement) = rule.action else { return nil }
                return Int(requirement.timeout.components.seconds)
            }.max() ?? 0
        }
        let needed = rule ?? module
        guard grace <= needed else { return [] }
        return [
            failure(
                "LoginGraceTime is \(grace) s, and a login with Duo may take \(needed) s: sshd hangs up in the middle",
                mend: "LoginGraceTime 120 in sshd_config, or a smaller timeout in duet.toml")
        ]
    }
}
