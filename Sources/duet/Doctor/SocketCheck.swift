import DuetWire
import FoundationEssentials
import Glibc

/// Does the daemon listen where the module asks, and would the module believe it?
struct SocketCheck: DoctorCheck {
    let name = "daemon"

    func run(_ patient: Patient) -> [Finding] {
        let host = patient.host
        guard let socket = host.status("/run/duet/login.sock") else {
            let isSetUp = access(patient.configurationPath, F_OK) == 0
            return [
                failure(
                    "nobody listens: \(patient.loginSocket) is not there",
                    mend: isSetUp
                        ? "systemctl enable --now duetd (one that is masked: systemctl unmask duetd); systemctl status duetd"
                        : "duet setup, which starts duetd when it knows Duo's keys")
            ]
        }
        var findings: [Finding] = []
        if socket.st_mode & S_IFMT != S_IFSOCK {
            findings.append(
                failure("\(patient.loginSocket) is no socket", mend: "rm it, then: systemctl restart duetd.socket"))
        } else if socket.st_mode & 0o077 != 0 {
            findings.append(
                warning(
                    "\(patient.loginSocket) can be used by others than its owner (mode \(Self.octal(socket.st_mode)))",
                    mend: "SocketMode=0600 in duetd.socket"))
        }
        for folder in ["/run/duet", "/run"] {
            guard let status = host.status(folder) else { continue }
            let isLoose = status.st_mode & 0o022 != 0 && status.st_mode & 0o1000 == 0
            if status.st_mode & S_IFMT != S_IFDIR || isLoose || (host.isThisOne && status.st_uid != 0) {
                findings.append(
                    failure(
                        "\(folder) is not root's alone: the module does not believe who listens there, and refuses",
                        mend: "chown root \(folder); chmod 0755 \(folder)"))
            }
        }
        if findings.contains(where: { $0.result == .failure }) { return findings }
        return findings + [ask(patient)]
    }

    private func ask(_ patient: Patient) -> Finding {
        let document: [UInt8]
        do {
            document = try ControlClient(path: patient.controlSocket).ask(ControlRequest(verb: "status"))
        } catch {
            if case .connect(EACCES) = error { return skipped(error.sentence(path: patient.controlSocket)) }
            return failure(
                error.sentence(path: patient.controlSocket), mend: "systemctl restart duetd; journalctl -u duetd")
        }
        guard let report = try? JSONDecoder().decode(StatusReport.self, from: Data(document)) else {
            return failure("its answer is not understood", mend: "install duet and duetd of the same version")
        }
        switch report.health {
        case .healthy:
            if Self.isOutdated(report, patient) {
                return warning(
                    "runs, and \(patient.configurationPath) has changed since duetd read it",
                    mend: "duet config check, then: duet reload")
            }
            return ok("runs, and Duo answers it (version \(report.version), pid \(report.pid))")
        case .degraded:
            let troubles = report.troubles.map(\.plain).joined(separator: "; ")
            let mend =
                report.configurationError != nil
                ? "duet config check says all; then: duet reload"
                : report.suspension != nil ? "duet enable ends the suspension" : "see the checks below"
            return failure("runs, but not as it should: \(troubles)", mend: mend)
        case .refusing:
            // Not a reload: what systemd hands over is read at the start alone.
            return failure(
                "refuses every login: \(report.configuration) has errors",
                mend: "duet config check says all; then: systemctl restart duetd")
        }
    }

    /// The file that duetd went by has been written since.
    private static func isOutdated(_ report: StatusReport, _ patient: Patient) -> Bool {
        guard report.configuration == patient.configurationPath, let policy = report.policy,
            let status = Host(root: "").status(patient.configurationPath, followsLinks: true)
        else { return false }
        // A second for what lies between reading the file and the policy's coming into force.
        return Double(time(nil) - status.st_mtim.tv_sec) < policy.age - 1
    }

    static func octal(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
