import DuetCommandLine
import DuoAPI
import DuoAdminAPI
import Glibc

/// The record of one change: who wants what, and what became of it. In the journal, else with syslog.
///
/// 1. Nothing is sent before its record was written.
/// 2. No value of a parameter MUST stand in it: names of people and things are in `what`, secrets nowhere.
struct WriteLog {
    private let text: String
    private static let journal = "/run/systemd/journal/socket"

    init(what: String, call: APICall, host: APIHost) {
        let names = call.parameters.map(\.name).sorted().joined(separator: ",")
        let request = "\(call.method.rawValue) \(call.path) at \(host)" + (names.isEmpty ? "" : ", with \(names)")
        text = Printable("\(Self.caller): \(what) [\(request)]").text
    }

    func begins() {
        guard !write("begin: \(text)") else { return }
        Terminal.warn("duet-admin: there is neither a journal nor syslog here: this change is not recorded")
    }

    func ends(_ result: String) {
        write("end: \(text): \(Printable(result, limit: 512).text)")
    }

    /// The user, and who they logged in as before sudo or su.
    private static var caller: String {
        let uid = getuid()
        var caller = "\(name(of: uid)) (uid \(uid))"
        if let login = loginUID, login != uid { caller += ", logged in as \(name(of: login)) (uid \(login))" }
        return caller
    }

    private static func name(of uid: uid_t) -> String {
        getpwuid(uid).map { Printable(String(cString: $0.pointee.pw_name), limit: 64).text } ?? "?"
    }

    /// /proc/self/loginuid; nil where nobody logged in, as under cron before a session.
    private static var loginUID: uid_t? {
        let descriptor = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0, let uid = uid_t(String(decoding: bytes[..<count], as: UTF8.self)), uid != .max else {
            return nil
        }
        return uid
    }

    /// Whether there was somebody to take it.
    @discardableResult
    private func write(_ message: String) -> Bool {
        if sendToJournal(message) { return true }
        guard access("/dev/log", F_OK) == 0 else { return false }
        // LOG_AUTHPRIV and LOG_NOTICE; the text is an argument, never the format.
        message.withCString { text in withVaList([text]) { vsyslog(10 << 3 | 5, "duet-admin: %s", $0) } }
        return true
    }

    /// One datagram of fields (systemd's "Native Journal Protocol"). The message has no line ends.
    private func sendToJournal(_ message: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Self.journal.utf8) }
        var fields =
            "MESSAGE=\(message)\nPRIORITY=5\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=duet-admin\n"
            + "SYSLOG_PID=\(getpid())\n"
        let sent = fields.withUTF8 { bytes in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    // A journal that does not take it at once is none: a help desk must not hang on its log.
                    sendto(
                        descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), address,
                        socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        return sent >= 0
    }
}
