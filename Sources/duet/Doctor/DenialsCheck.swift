/// Has SELinux or AppArmor kept Duet from its work lately?
struct DenialsCheck: DoctorCheck {
    let name = "SELinux, AppArmor"

    private static let log = "/var/log/audit/audit.log"
    private static let tailSize = 1 << 20

    func run(_ patient: Patient) -> [Finding] {
        let host = patient.host
        var source = Self.log
        var text = host.tail(Self.log, bytes: Self.tailSize)
        if text == nil, let journal = host.program("/usr/bin/journalctl") {
            source = "the journal of the last day"
            let arguments = ["-k", "-q", "--no-pager", "--since", "-1d", "-n", "10000", "-o", "cat"]
            text = Program(path: journal, arguments: arguments).run(limit: .seconds(10))
                .flatMap { $0.status == 0 ? $0.output : nil }
        }
        guard let text else { return [skipped("neither the audit log nor the journal can be read")] }
        let denials = text.split(separator: "\n").filter(Self.isOurs)
        guard let last = denials.last else { return [ok("no denial of Duet in \(source)")] }
        let isSELinux = last.contains("avc:")
        return [
            failure(
                "\(denials.count) denial\(denials.count == 1 ? "" : "s") of Duet in \(source), the last: \(last.plain.prefix(300))",
                mend: isSELinux
                    ? "ausearch -m avc -c duetd | audit2allow: allow the service to connect to /run/duet/login.sock, and duetd "
                        + "to reach TCP port 443"
                    : "allow /run/duet/login.sock in the profile of that program, then: systemctl reload apparmor")
        ]
    }

    private static func isOurs(_ line: Substring) -> Bool {
        guard line.contains("apparmor=\"DENIED\"") || (line.contains("avc:") && line.contains("denied")) else {
            return false
        }
        return ["pam_duet", "duetd", "/run/duet/", "login.sock", "duet_t"].contains { line.contains($0) }
    }
}
