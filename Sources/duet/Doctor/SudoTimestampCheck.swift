/// sudo remembers by itself, and does not ask PAM then: Duet does not see those.
struct SudoTimestampCheck: DoctorCheck {
    let name = "sudo"

    func run(_ patient: Patient) -> [Finding] {
        guard patient.stacks.contains(where: { $0.service == "sudo" }) else {
            return [skipped("its PAM service does not ask Duet")]
        }
        let host = patient.host
        // sudoers(5): a file in the folder is passed over when its name has a dot or ends in ~.
        let files =
            ["/etc/sudoers"]
            + host.files("/etc/sudoers.d").filter { !$0.contains(".") }.map { "/etc/sudoers.d/\($0)" }
        let texts = files.compactMap { host.text($0) }
        guard !texts.isEmpty else { return [skipped("sudoers is only root's to read: sudo duet doctor")] }
        let all = texts.flatMap { $0.replacing("\\\n", with: " ").split(separator: "\n") }.map(\.trimmed)
        let lines = all.filter { $0.hasPrefix("Defaults") }
        let free = all.filter { !$0.hasPrefix("#") && !$0.hasPrefix("Defaults") && $0.contains("NOPASSWD:") }
        let exempt = free.first.map { line in
            warning(
                "NOPASSWD in \(free.count) rule\(free.count == 1 ? "" : "s"), such as \"\(line.plain)\": PAM, and so Duet, is not asked",
                mend: "PASSWD with visudo where Duet shall be asked; a bypass in duet.toml is logged")
        }
        return [timestamp(lines)] + (exempt.map { [$0] } ?? [])
    }

    private func timestamp(_ lines: [String]) -> Finding {
        if lines.contains(where: { $0.firstMatch(of: /!\s*authenticate/) != nil }) {
            return failure(
                "Defaults !authenticate: sudo asks neither for a password nor Duet", mend: "remove it with visudo")
        }
        // The last one counts: sudoers(5).
        let minutes = lines.compactMap { line in
            line.firstMatch(of: /timestamp_timeout\s*=\s*(-?[0-9.]+)/).flatMap { Double(String($0.1)) }
        }.last
        let mend =
            "Defaults timestamp_timeout=0 with visudo; remember = { scope = \"tty\", allow = \"15m\" } in duet.toml"
        switch minutes {
        case 0?: return ok("asks Duet each time (timestamp_timeout=0)")
        case let minutes? where minutes < 0:
            return failure("never asks a second time (timestamp_timeout=-1): Duet is asked once a boot", mend: mend)
        case let minutes?:
            return warning("asks nobody for \(minutes) minutes after a success, Duet included", mend: mend)
        case nil:
            return warning(
                "asks nobody for 15 minutes after a success, Duet included: its timestamp_timeout", mend: mend)
        }
    }
}
