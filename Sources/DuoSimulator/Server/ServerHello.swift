/// The two facts of interest in our own ServerHello record.
struct ServerHello {
    private(set) var isTLS13 = false
    /// TLS 1.3: the client's ticket was accepted. TLS 1.2: no certificate follows.
    private(set) var resumed = false

    private static let supportedVersions = 43
    private static let preSharedKey = 41

    /// nil: this is no ServerHello (a hello retry request counts as none).
    init?(record: [UInt8]) {
        guard record.count > 48, record[0] == 22, record[5] == 2 else { return nil }
        // RFC 8446, 4.1.3: this random means "retry".
        guard Array(record[11..<15]) != [0xCF, 0x21, 0xAD, 0x74] else { return nil }
        let hello = Array(record[9...].prefix(Int(record[7]) << 8 | Int(record[8])))
        // version 2, random 32, session id, cipher 2, compression 1, extensions
        var position = 35 + Int(hello[34]) + 3
        if position + 2 <= hello.count {
            position += 2
            while position + 4 <= hello.count {
                let type = Int(hello[position]) << 8 | Int(hello[position + 1])
                if type == Self.supportedVersions { isTLS13 = true }
                if type == Self.preSharedKey { resumed = true }
                position += 4 + Int(hello[position + 2]) << 8 + Int(hello[position + 3])
            }
        }
        guard !isTLS13 else { return }
        resumed = !Self.hasCertificate(record)
    }

    /// Is there a Certificate message (11) in this TLS 1.2 flight?
    private static func hasCertificate(_ flight: [UInt8]) -> Bool {
        var position = 0
        while position + 9 <= flight.count, flight[position] == 22 {
            let end = position + 5 + Int(flight[position + 3]) << 8 + Int(flight[position + 4])
            var message = position + 5
            while message + 4 <= min(end, flight.count) {
                if flight[message] == 11 { return true }
                message += 4 + Int(flight[message + 2]) << 8 + Int(flight[message + 3])
            }
            position = end
        }
        return false
    }
}
