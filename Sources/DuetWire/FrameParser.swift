/// Cuts a byte stream into messages of one direction. Length before body, cap before allocation.
///
/// After it has thrown, the stream is lost: close the connection, do not call it again.
package struct FrameParser<Message: WireMessage>: Sendable {
    private var buffer: [UInt8] = []

    package init() {}

    /// Bytes that wait for the rest of their frame: at most one frame's.
    package var pending: Int { buffer.count }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next message, or nil when the bytes so far are a prefix of one.
    package mutating func next() throws(WireError) -> Message? {
        if buffer.count >= 1 { try expect(buffer[0] == Frame.magic.0, .badMagic) }
        if buffer.count >= 2 { try expect(buffer[1] == Frame.magic.1, .badMagic) }
        if buffer.count >= 3 { try expect(buffer[2] == Frame.version, .unknownVersion(buffer[2])) }
        if buffer.count >= 4 { try expect(Message.types.contains(buffer[3]), .unexpectedType(buffer[3])) }
        guard buffer.count >= Frame.headerSize else { return nil }
        let length = buffer[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        try expect(length <= UInt32(Frame.bodyCap), .tooLong(length))
        let end = Frame.headerSize + Int(length)
        guard buffer.count >= end else { return nil }
        let frame = Frame(type: buffer[3], body: Array(buffer[Frame.headerSize..<end]))
        // Mostly nothing else has come.
        if end == buffer.count { buffer.removeAll(keepingCapacity: false) } else { buffer.removeFirst(end) }
        return try Message(frame)
    }

    private func expect(_ condition: Bool, _ error: WireError) throws(WireError) {
        guard condition else { throw error }
    }
}
