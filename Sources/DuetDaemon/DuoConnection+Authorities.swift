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
}
