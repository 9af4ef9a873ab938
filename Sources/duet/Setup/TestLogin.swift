import CPAM
import Glibc
import Secrets

/// One login through libpam, with the services of a folder: authentication and account, no session.
struct TestLogin {
    let service: String
    let user: String
    /// In place of /etc/pam.d.
    let folder: String
    /// Where the login seems to come from; nil: from this machine.
    var rhost: String?

    private static let noEmptyPassword = Int32(bitPattern: PAM_DISALLOW_NULL_AUTHTOK)

    /// Nil: let in. Otherwise why not.
    func failure() -> String? {
        var conversation = pam_conv(conv: Self.converse, appdata_ptr: nil)
        var opened: OpaquePointer?
        let started = pam_start_confdir(service, user, &conversation, folder, &opened)
        guard started == PAM_SUCCESS, let handle = opened else { return "libpam cannot start (\(started))" }
        var status = PAM_SUCCESS
        defer { pam_end(handle, status) }
        if let rhost { _ = rhost.withCString { pam_set_item(handle, PAM_RHOST, $0) } }
        let terminal = ttyname(STDIN_FILENO).map { String(cString: $0) } ?? "pts/0"
        let tty = service.hasPrefix("sshd") ? "ssh" : terminal
        _ = tty.withCString { pam_set_item(handle, PAM_TTY, $0) }
        _ = user.withCString { pam_set_item(handle, PAM_RUSER, $0) }
        status = pam_authenticate(handle, Self.noEmptyPassword)
        if status == PAM_SUCCESS { status = pam_acct_mgmt(handle, Self.noEmptyPassword) }
        return status == PAM_SUCCESS ? nil : String(cString: pam_strerror(handle, status))
    }

    /// pam_conv(3): the answers belong to libpam, which frees them.
    private static let converse:
        @convention(c) (
            Int32, UnsafeMutablePointer<UnsafePointer<pam_message>?>?,
            UnsafeMutablePointer<UnsafeMutablePointer<pam_response>?>?, UnsafeMutableRawPointer?
        ) -> Int32 = { count, messages, responses, _ in
            guard let messages, let responses, count > 0, count <= PAM_MAX_NUM_MSG,
                let answers = calloc(Int(count), MemoryLayout<pam_response>.stride)?
                    .bindMemory(to: pam_response.self, capacity: Int(count))
            else { return PAM_CONV_ERR }
            for index in 0..<Int(count) {
                guard let message = messages[index]?.pointee else { continue }
                let text = message.msg.map { String(cString: $0).plainLines } ?? ""
                switch message.msg_style {
                case PAM_PROMPT_ECHO_OFF:
                    guard let secret = Questions().secret(text), secret.count < PAM_MAX_RESP_SIZE else {
                        return abandon(answers, count)
                    }
                    answers[index].resp = secret.withBytes { bytes in
                        let copy = calloc(bytes.count + 1, 1)?.bindMemory(to: CChar.self, capacity: bytes.count + 1)
                        for (place, byte) in bytes.enumerated() { copy?[place] = CChar(bitPattern: byte) }
                        return copy
                    }
                case PAM_PROMPT_ECHO_ON:
                    print(text, terminator: "")
                    fflush(nil)
                    guard let line = readLine() else { return abandon(answers, count) }
                    answers[index].resp = strdup(line)
                default:
                    print(text)
                    fflush(nil)
                }
            }
            responses.pointee = answers
            return PAM_SUCCESS
        }

    private static func abandon(_ answers: UnsafeMutablePointer<pam_response>, _ count: Int32) -> Int32 {
        for index in 0..<Int(count) {
            guard let answer = answers[index].resp else { continue }
            explicit_bzero(answer, strlen(answer))
            free(answer)
        }
        free(answers)
        return PAM_CONV_ERR
    }
}

extension String {
    /// As `plain`, but lines stay lines.
    fileprivate var plainLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map(\.plain).joined(separator: "\n")
    }
}
