import DuetConfiguration
import DuoAPI
import Glibc

/// Do the roots that may speak for Duo last?
struct AuthoritiesCheck: DoctorCheck {
    let name = "authorities"

    func run(_ patient: Patient) -> [Finding] {
        guard let configuration = patient.settings else { return [skipped("the configuration does not stand")] }
        var seen: Set<String> = []
        return configuration.applications.sorted { $0.key < $1.key }.compactMap { _, settings in
            guard let file = settings.caFile ?? CertificateAuthorities.systemFile else {
                return warning("this system's libcurl names no file of authorities", mend: "set ca_file in [duo]")
            }
            return seen.insert(file).inserted ? look(file, isSystem: settings.caFile == nil) : nil
        }
    }

    private func look(_ file: String, isSystem: Bool) -> Finding {
        let found: CertificateAuthorities
        do throws(CertificateAuthoritiesError) {
            found = try CertificateAuthorities(file: file)
        } catch {
            return failure(
                error.explanation(file: file),
                mend: isSystem ? "install ca-certificates again" : "bring a PEM file there, or leave ca_file out")
        }
        let now = Int64(time(nil))
        let ended = found.all.count { $0.expiry <= now }
        if ended == found.all.count {
            return failure("every authority in \(file) has ended", mend: "bring a newer file; duet ca shows them")
        }
        let ending = found.ending(now: now)
        guard let first = ending.first, !isSystem else { return ok("\(file): \(found.all.count) authorities") }
        return warning(
            "\(file): \(ending.count) of \(found.all.count) end within 90 days or have ended, first \(first.name.plain)",
            mend: "bring a newer file before that; duet ca shows them")
    }
}
