import CCurl
import COpenSSL
import Glibc

/// The roots in a PEM file: who may speak for Duo, and until when.
package struct CertificateAuthorities: Sendable, Equatable {
    /// Bundles of distributions have 150 certificates in 250 KB.
    private static let sizeLimit = 4 << 20
    private static let countLimit = 2000
    /// How long before the end a warning is due: three months, as a distribution needs to bring a new bundle.
    package static let notice: Int64 = 90 * 86_400

    package let file: String
    /// Who ends first comes first; never empty.
    package let all: [CertificateAuthority]

    package init(file: String) throws(CertificateAuthoritiesError) {
        self.file = file
        all = try Self.parse(Self.read(file)).sorted { ($0.expiry, $0.name) < ($1.expiry, $1.name) }
    }

    /// Who ends within `notice` of `now` (Unix seconds), or has ended.
    package func ending(now: Int64) -> [CertificateAuthority] {
        all.filter { $0.isEnding(now: now) }
    }

    /// What libcurl trusts where no file is named: the bundle of the distribution.
    package static var systemFile: String? {
        guard let info = duet_curl_version() else { return nil }
        return info.pointee.cainfo.map { String(cString: $0) }
    }

    private static func read(_ path: String) throws(CertificateAuthoritiesError) -> [UInt8] {
        // Not blocking: opening a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(errno: EINVAL) }
        guard status.st_size <= sizeLimit else { throw .tooLarge }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + filled }, room.count - filled)
            }
            guard count >= 0 else { throw .unreadable(errno: errno) }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    private static func parse(_ text: [UInt8]) throws(CertificateAuthoritiesError) -> [CertificateAuthority] {
        guard let source = BIO_new_mem_buf(text, Int32(text.count)) else { throw .unreadable(errno: ENOMEM) }
        defer { BIO_free(source) }
        // The queue is the thread's: what others left there must not be taken for ours, nor ours for theirs.
        ERR_clear_error()
        defer { ERR_clear_error() }
        var found: [CertificateAuthority] = []
        // The callback is asked for the password of an encrypted entry; without one OpenSSL would ask the terminal.
        while let certificate = PEM_read_bio_X509(source, nil, { _, _, _, _ in -1 }, nil) {
            defer { X509_free(certificate) }
            guard found.count < countLimit else { throw .tooLarge }
            guard let authority = CertificateAuthority(certificate) else { throw .malformed(position: found.count + 1) }
            found.append(authority)
        }
        guard duet_error_is_end_of_pem() != 0 else { throw .malformed(position: found.count + 1) }
        guard !found.isEmpty else { throw .empty }
        return found
    }
}

/// Why a file is no bundle of roots.
package enum CertificateAuthoritiesError: Error, Sendable, Equatable {
    case unreadable(errno: Int32)
    case tooLarge
    /// The certificate with this number, counted from 1.
    case malformed(position: Int)
    /// Not one certificate.
    case empty

    package func explanation(file: String) -> String {
        switch self {
        case .unreadable(let errno): "\(file) cannot be read: \(String(cString: strerror(errno)))."
        case .tooLarge: "\(file) is too large for a bundle of certificates."
        case .malformed(let position): "Certificate \(position) in \(file) cannot be read: it is damaged."
        case .empty: "\(file) holds no certificate: it must be PEM, -----BEGIN CERTIFICATE-----."
        }
    }
}
