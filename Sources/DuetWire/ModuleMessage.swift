/// What the module sends on the login socket.
package enum ModuleMessage: WireMessage, Equatable {
    case begin(Begin)
    /// Who is coming, said before the first factor. Nothing is answered.
    case prefetch(Begin)
    /// `text` is what the person typed: secret, it may be a passcode.
    case answer(prompt: UInt32, text: String)

    package static let types: Set<UInt8> = [0x01, 0x02, 0x03]

    package init(_ frame: Frame) throws(WireError) {
        let fields = try Fields(frame.body)
        switch frame.type {
        case 0x01:
            self = .begin(try Begin(fields))
        case 0x02:
            let prompt = try fields.u32(1)
            guard prompt > 0 else { throw .badValue(tag: 1) }
            self = .answer(prompt: prompt, text: try fields.text(2, .answer))
        case 0x03:
            self = .prefetch(try Begin(fields))
        default:
            throw .unexpectedType(frame.type)
        }
    }

    package func frame() throws(WireError) -> Frame {
        var writer = FieldWriter()
        switch self {
        case .begin(let begin):
            try begin.write(to: &writer)
            return Frame(type: 0x01, body: writer.body)
        case .prefetch(let begin):
            try begin.write(to: &writer)
            return Frame(type: 0x03, body: writer.body)
        case .answer(let prompt, let text):
            guard prompt > 0 else { throw .badValue(tag: 1) }
            writer.put(1, u32: prompt)
            try writer.put(2, text, .answer)
            return Frame(type: 0x02, body: writer.body)
        }
    }
}
