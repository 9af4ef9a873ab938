/// Who wants to log in where, as the PAM host sees it. docs/protocol.md, *BEGIN*.
package struct Begin: Equatable, Sendable {
    /// 16 random bytes; the verdict carries them back.
    package var nonce: [UInt8]
    /// PAM_USER.
    package var user: String
    /// PAM_SERVICE.
    package var service: String
    /// getuid() of the host process: who runs sudo, not whom it is for.
    package var caller: UInt32
    /// PAM_SILENT was given: the host shows prompts only.
    package var silent: Bool
    /// `duet login`: a rehearsal, in which nothing remembered counts and nothing is remembered.
    package var isTrial: Bool
    /// How long the module will wait, from now.
    package var timeout: Duration
    package var rhost: String?
    package var tty: String?
    package var ruser: String?
    /// "client-address client-port server-address server-port", from sshd alone.
    package var sshConnection: String?
    /// The methods that sshd has already accepted, one a line.
    package var authInfo: String?
    /// Where on the host it comes from, as far as that could be read.
    package var session: SessionFacts

    package init(
        nonce: [UInt8], user: String, service: String, caller: UInt32, silent: Bool = false,
        isTrial: Bool = false, timeout: Duration, rhost: String? = nil, tty: String? = nil, ruser: String? = nil,
        sshConnection: String? = nil, authInfo: String? = nil, session: SessionFacts = SessionFacts()
    ) {
        self.nonce = nonce
        self.user = user
        self.service = service
        self.caller = caller
        self.silent = silent
        self.isTrial = isTrial
        self.timeout = timeout
        self.rhost = rhost
        self.tty = tty
        self.ruser = ruser
        self.sshConnection = sshConnection
        self.authInfo = authInfo
        self.session = session
    }

    static let nonceSize = 16
    static let timeouts: ClosedRange<UInt32> = 1...600_000
    private static let silentFlag: UInt32 = 1
    private static let trialFlag: UInt32 = 2

    init(_ fields: Fields) throws(WireError) {
        nonce = Array(try fields.bytes(1, count: Begin.nonceSize...Begin.nonceSize))
        user = try fields.text(2, .user)
        service = try fields.text(3, .item)
        caller = try fields.u32(4)
        let flags = try fields.u32(5)
        silent = flags & Begin.silentFlag != 0
        isTrial = flags & Begin.trialFlag != 0
        let milliseconds = try fields.u32(6)
        guard Begin.timeouts.contains(milliseconds) else { throw .badValue(tag: 6) }
        timeout = .milliseconds(milliseconds)
        rhost = try fields.optionalText(7, .item)
        tty = try fields.optionalText(8, .item)
        ruser = try fields.optionalText(9, .user)
        sshConnection = try fields.optionalText(10, .item)
        authInfo = try fields.optionalText(11, .authInfo)
        session = try SessionFacts(fields)
    }

    func write(to writer: inout FieldWriter) throws(WireError) {
        guard nonce.count == Begin.nonceSize else { throw .badValue(tag: 1) }
        writer.put(1, nonce)
        try writer.put(2, user, .user)
        try writer.put(3, service, .item)
        writer.put(4, u32: caller)
        writer.put(5, u32: (silent ? Begin.silentFlag : 0) | (isTrial ? Begin.trialFlag : 0))
        let (seconds, attoseconds) = timeout.components
        guard (0...600).contains(seconds), attoseconds >= 0, attoseconds % 1_000_000_000_000_000 == 0 else {
            throw .badValue(tag: 6)
        }
        let milliseconds = UInt32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        guard Begin.timeouts.contains(milliseconds) else { throw .badValue(tag: 6) }
        writer.put(6, u32: milliseconds)
        try writer.put(7, rhost, .item)
        try writer.put(8, tty, .item)
        try writer.put(9, ruser, .user)
        try writer.put(10, sshConnection, .item)
        try writer.put(11, authInfo, .authInfo)
        try session.write(to: &writer)
    }
}
