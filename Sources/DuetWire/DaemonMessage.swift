/// What the daemon sends on the login socket.
package enum DaemonMessage: WireMessage, Equatable {
    case show(Style, String)
    case prompt(number: UInt32, echo: Bool, text: String)
    case verdict(Verdict)
    case heartbeat

    package enum Style: UInt8, Sendable {
        case information = 1
        case error = 2
    }

    package static let types: Set<UInt8> = [0x81, 0x82, 0x83, 0x84]

    package init(_ frame: Frame) throws(WireError) {
        let fields = try Fields(frame.body)
        switch frame.type {
        case 0x81:
            guard let style = Style(rawValue: try fields.u8(1)) else { throw .badValue(tag: 1) }
            self = .show(style, try fields.text(2, .message))
        case 0x82:
            let number = try fields.u32(1)
            let echo = try fields.u8(2)
            guard number > 0 else { throw .badValue(tag: 1) }
            guard echo == 1 || echo == 2 else { throw .badValue(tag: 2) }
            self = .prompt(number: number, echo: echo == 1, text: try fields.text(3, .message))
        case 0x83:
            self = .verdict(try Verdict(fields))
        case 0x84:
            self = .heartbeat
        default:
            throw .unexpectedType(frame.type)
        }
    }

    package func frame() throws(WireError) -> Frame {
        var writer = FieldWriter()
        switch self {
        case .show(let style, let text):
            writer.put(1, u8: style.rawValue)
            try writer.put(2, text, .message)
            return Frame(type: 0x81, body: writer.body)
        case .prompt(let number, let echo, let text):
            guard number > 0 else { throw .badValue(tag: 1) }
            writer.put(1, u32: number)
            writer.put(2, u8: echo ? 1 : 2)
            try writer.put(3, text, .message)
            return Frame(type: 0x82, body: writer.body)
        case .verdict(let verdict):
            try verdict.write(to: &writer)
            return Frame(type: 0x83, body: writer.body)
        case .heartbeat:
            return Frame(type: 0x84, body: [])
        }
    }
}
