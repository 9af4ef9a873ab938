/// What `duet` asks on the control socket.
package struct ControlRequest: WireMessage, Equatable {
    package var verb: String
    /// A JSON object.
    package var arguments: String?

    package static let types: Set<UInt8> = [0x11]

    package init(verb: String, arguments: String? = nil) {
        self.verb = verb
        self.arguments = arguments
    }

    package init(_ frame: Frame) throws(WireError) {
        let fields = try Fields(frame.body)
        verb = try fields.text(1, .verb)
        arguments = try fields.optionalText(2, .arguments)
    }

    package func frame() throws(WireError) -> Frame {
        var writer = FieldWriter()
        try writer.put(1, verb, .verb)
        try writer.put(2, arguments, .arguments)
        return Frame(type: 0x11, body: writer.body)
    }
}

/// A piece of the daemon's answer. The payloads of all pieces joined are one JSON document.
package struct ControlReply: WireMessage, Equatable {
    package enum Status: UInt32, Sendable {
        case done = 1
        case failed = 2
    }

    package var isLast: Bool
    package var status: Status
    package var payload: [UInt8]

    package static let types: Set<UInt8> = [0x91]
    package static let payloadCap = 16_000

    package init(isLast: Bool, status: Status, payload: [UInt8]) {
        self.isLast = isLast
        self.status = status
        self.payload = payload
    }

    package init(_ frame: Frame) throws(WireError) {
        let fields = try Fields(frame.body)
        let part = try fields.u8(1)
        guard part == 1 || part == 2 else { throw .badValue(tag: 1) }
        guard let status = Status(rawValue: try fields.u32(2)) else { throw .badValue(tag: 2) }
        isLast = part == 2
        self.status = status
        payload = fields.optional(3) == nil ? [] : Array(try fields.bytes(3, count: 1...ControlReply.payloadCap))
    }

    package func frame() throws(WireError) -> Frame {
        guard payload.count <= ControlReply.payloadCap else { throw .badValue(tag: 3) }
        var writer = FieldWriter()
        writer.put(1, u8: isLast ? 2 : 1)
        writer.put(2, u32: status.rawValue)
        if !payload.isEmpty { writer.put(3, payload) }
        return Frame(type: 0x91, body: writer.body)
    }

    /// `document` in as many pieces as it needs, at least one.
    package static func pieces(of document: [UInt8], status: Status) -> [ControlReply] {
        var pieces: [ControlReply] = []
        var rest = document[...]
        repeat {
            let piece = rest.prefix(payloadCap)
            rest = rest.dropFirst(piece.count)
            pieces.append(ControlReply(isLast: rest.isEmpty, status: status, payload: Array(piece)))
        } while !rest.isEmpty
        return pieces
    }
}
