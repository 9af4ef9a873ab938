import DuetWire
import DuoAPI

extension DuoConnection {
    /// Who vouches for Duo, and until when; nil when that cannot be known (yet).
    func authorities(now: Int64) -> StatusReport.Authorities? {
        let file: String
        let authority: CertificateAuthority
        if let caFile {
            guard let first = (try? CertificateAuthorities(file: caFile))?.all.first else { return nil }
            (file, authority) = (caFile, first)
        } else {
            guard let used = transport.verifiedTLS?.authority else { return nil }
            (file, authority) = (CertificateAuthorities.systemFile ?? "system", used)
        }
        return StatusReport.Authorities(
            file: file, name: authority.name, ends: HTTPDate.day(unixTime: authority.expiry),
            daysLeft: (authority.expiry - now) / 86_400)
    }

    /// Of those that end within three months.
    func authorityWarnings(now: Int64) -> [String] {
        vouchers.filter { $0.isEnding(now: now) }.map { authority in
            let days = (authority.expiry - now) / 86_400
            let when = days < 0 ? "has ended" : "ends in \(days) days"
            return "the certificate authority \(authority.name) \(when): see duet ca"
        }
    }

    /// When the first of them ends, Unix seconds.
    var authorityExpiry: Int64? { vouchers.first?.expiry }

    /// Of a bundle that the administrator chose, all, who ends first first; of the distribution's, the one that vouches for Duo.
    private var vouchers: [CertificateAuthority] {
        if let chosen = caFile.flatMap({ try? CertificateAuthorities(file: $0) }) { return chosen.all }
        return [transport.verifiedTLS?.authority].compactMap { $0 }
    }
}
