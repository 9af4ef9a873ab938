import Foundation

/// A certificate authority of the test's own, in a directory that goes away with it.
final class TestAuthority: Sendable {
    let directory: URL
    var caFile: String { directory.appendingPathComponent("ca.pem").path }

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("duoapi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try await ChildProcess.offPool { [self] in
            try openssl("ecparam -name prime256v1 -genkey -noout -out ca.key")
            try openssl("req -x509 -new -key ca.key -subj /CN=Test-CA -days 2 -out ca.pem")
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// Writes `leaf.pem` and `leaf.key` for `host`.
    func issue(host: String, days: Int = 2) throws {
        try openssl(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout leaf.key "
                + "-subj /CN=\(host) -addext subjectAltName=DNS:\(host) -out leaf.csr")
        try openssl(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy "
                + "-days \(days) -out leaf.pem")
    }

    private func openssl(_ arguments: String) throws {
        try ChildProcess.run(["openssl"] + arguments.split(separator: " ").map(String.init), in: directory.path)
    }
}
