/// Is there the user as whom the daemon runs, and is it nobody else?
struct DaemonUserCheck: DoctorCheck {
    let name = "user duet"

    func run(_ patient: Patient) -> [Finding] {
        guard let text = patient.host.text("/etc/passwd") else { return [skipped("/etc/passwd cannot be read")] }
        let entries = text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        guard let entry = entries.first(where: { $0.first == "duet" }), entry.count == 7, let uid = UInt32(entry[2])
        else {
            return [
                warning(
                    "there is none in /etc/passwd: the daemon would have to run as root",
                    mend: "systemd-sysusers, or: useradd --system --no-create-home --shell /usr/sbin/nologin duet")
            ]
        }
        if uid == 0 { return [failure("duet is root: its uid is 0", mend: "give it a uid of its own")] }
        let others = entries.filter { $0.count == 7 && $0[2] == entry[2] && $0[0] != "duet" }.map { String($0[0]) }
        if let other = others.first {
            return [
                failure(
                    "duet and \(other.plain) have one uid (\(uid)): \(other.plain) could pass for the daemon",
                    mend: "give duet a uid of its own")
            ]
        }
        let shell = entry[6]
        guard shell.hasSuffix("nologin") || shell.hasSuffix("false") else {
            return [warning("duet has a shell (\(shell))", mend: "usermod --shell /usr/sbin/nologin duet")]
        }
        return [ok("uid \(uid), without a shell")]
    }
}
