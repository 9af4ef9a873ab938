import Glibc

/// The private certificate authority in a state folder, and the server's certificate from it.
struct Authority {
    let folder: String

    var caFile: String { folder + "/ca.pem" }
    var certificateFile: String { folder + "/server.pem" }
    var keyFile: String { folder + "/server.key" }
    private var caKeyFile: String { folder + "/ca.key" }
    private var configurationFile: String { folder + "/openssl.cnf" }
    private var requestFile: String { folder + "/server.csr" }

    /// Makes whatever is missing, broken or about to expire. What is good is kept, so that clients need not be told.
    func prepare() throws {
        try StateFolder.write(Self.configuration, to: configurationFile)
        if try !isGood(caFile, key: caKeyFile) { try makeAuthority() }
        let isFromHere = try Self.succeeds(["verify", "-CAfile", caFile, certificateFile])
        guard try isFromHere && isGood(certificateFile, key: keyFile) else { return try makeServer() }
    }

    private func makeAuthority() throws {
        try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256",
            "-config", configurationFile, "-extensions", "authority", "-subj", "/CN=Duo simulator CA",
            "-days", "3650", "-keyout", caKeyFile, "-out", caFile,
        ])
        chmod(caKeyFile, 0o600)
    }

    private func makeServer() throws {
        try Self.openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256",
            "-config", configurationFile, "-subj", "/CN=localhost", "-keyout", keyFile, "-out", requestFile,
        ])
        try Self.openssl([
            "x509", "-req", "-sha256", "-in", requestFile, "-CA", caFile, "-CAkey", caKeyFile, "-days", "397",
            "-set_serial", "0x\(Digest.hex((0..<16).map { _ in UInt8.random(in: 1...127) }))",
            "-extfile", configurationFile, "-extensions", "server", "-out", certificateFile,
        ])
        unlink(requestFile)
        chmod(keyFile, 0o600)
    }

    /// There, with its key, and valid for a week more.
    private func isGood(_ certificate: String, key: String) throws -> Bool {
        guard access(certificate, R_OK) == 0, access(key, R_OK) == 0 else { return false }
        return try Self.succeeds(["x509", "-in", certificate, "-noout", "-checkend", "604800"])
    }

    private static func openssl(_ arguments: [String]) throws { try CommandLineTool.run(["openssl"] + arguments) }

    private static func succeeds(_ arguments: [String]) throws -> Bool {
        try CommandLineTool.status(["openssl"] + arguments) == 0
    }

    private static let configuration = """
        [req]
        distinguished_name = name
        [name]
        [authority]
        basicConstraints = critical, CA:TRUE, pathlen:0
        keyUsage = critical, keyCertSign, cRLSign
        subjectKeyIdentifier = hash
        [server]
        basicConstraints = critical, CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = serverAuth
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1

        """
}
