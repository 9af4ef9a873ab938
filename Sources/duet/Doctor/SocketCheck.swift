import DuetWire
import FoundationEssentials
import Glibc

/// Does the daemon listen where the module asks, and would the module believe it?
struct SocketCheck: DoctorCheck {
    let name = "daemon"

    func run(_ patient: Patient) -> [Finding] {
        let host = patient.host
        guard let socket = host.status("/run/duet/login.sock") else {
            return [
                failure(
                    "nobody listens: \(patient.loginSocket) is not there",
                    mend: "systemctl enable --now duetd.socket; systemctl status duetd")
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
        case .healthy: return ok("runs, and Duo answers it (version \(report.version), pid \(report.pid))")
        case .degraded:
            return failure(
                "runs, and Duo did not answer it last: \((report.duo?.lastError ?? "").plain)",
                mend: "see the checks of Duo below; logins follow the fail mode")
        case .refusing:
            return failure(
                "refuses every login: \(report.configuration) has errors",
                mend: "duet config check; systemctl reload duetd")
        }
    }

    static func octal(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
