import FoundationEssentials
import Glibc

/// Is pam_duet.so there, for this machine, and can libpam load it?
struct ModuleCheck: DoctorCheck {
    let name = "module"

    private static let folders = [
        "/lib/security", "/usr/lib/security", "/lib64/security", "/usr/lib64/security", "/lib/*/security",
        "/usr/lib/*/security",
    ]

    func run(_ patient: Patient) -> [Finding] {
        let host = patient.host
        let named = patient.named.flatMap { $0.duet + $0.prefetches }.map(\.module)
        var paths = named.filter { $0.hasPrefix("/") }
        var findings: [Finding] = []
        if named.isEmpty || named.contains(where: { !$0.hasPrefix("/") }) {
            if let first = Self.installed(host).first {
                paths.append(first)
            } else {
                findings.append(
                    failure(
                        "pam_duet.so is in none of PAM's folders: every service that names it refuses",
                        mend: "install the package, or make -C pam install"))
            }
        }
        return findings + Set(paths).sorted().map { look($0, host) }
    }

    private static func installed(_ host: Host) -> [String] {
        folders.flatMap { folder -> [String] in
            guard let star = folder.firstRange(of: "*") else { return [folder] }
            let base = String(folder[..<star.lowerBound])
            return host.files(base).filter { $0.contains("-linux-") }.map { base + $0 + folder[star.upperBound...] }
        }.map { $0 + "/pam_duet.so" }.filter { host.status($0, followsLinks: true) != nil }
    }

    private func look(_ path: String, _ host: Host) -> Finding {
        guard let status = host.status(path, followsLinks: true) else {
            return failure("\(path) is named in PAM and is not there", mend: "install it, or mend the line")
        }
        // A test's folder belongs to who runs the test.
        guard status.st_mode & 0o022 == 0, status.st_uid == 0 || !host.isThisOne else {
            return failure(
                "\(path) can be changed by others than root, and runs as root",
                mend: "chown root \(path); chmod 0644 \(path)")
        }
        guard let header = Self.header(host.path(path)) else {
            return failure("\(path) is no shared library", mend: "install the package again")
        }
        guard let own = Self.header("/proc/self/exe"), header == own else {
            return failure("\(path) is for another kind of machine", mend: "install the package for \(Self.machine)")
        }
        // As libpam does; everything is resolved now, so that nothing is missing in the middle of a login.
        guard let handle = dlopen(host.path(path), RTLD_NOW) else {
            let why = dlerror().map { String(cString: $0).plain } ?? "no reason given"
            return failure("\(path) cannot be loaded: \(why)", mend: "install the package again, and libpam")
        }
        defer { dlclose(handle) }
        guard dlsym(handle, "pam_sm_authenticate") != nil else {
            return failure("\(path) is no PAM module", mend: "install the package again")
        }
        return ok("\(path) is loaded by this system's libpam")
    }

    /// ELF class, byte order and machine: elf(5).
    private static func header(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 20)
        guard read(descriptor, &bytes, bytes.count) == bytes.count, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            return nil
        }
        return Array(bytes[4...5] + bytes[18...19])
    }

    private static var machine: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "this machine" }
        return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
