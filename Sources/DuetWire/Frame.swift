/// One frame: its type and its undecoded body. docs/protocol.md, *Frame*.
package struct Frame: Equatable, Sendable {
    package static let headerSize = 8
    /// Bytes of a body at most; with the header a frame is at most 16 KiB.
    package static let bodyCap = 16_376
    static let magic: (UInt8, UInt8) = (0x44, 0x55)
    static let version: UInt8 = 1

    package let type: UInt8
    package let body: [UInt8]

    package init(type: UInt8, body: [UInt8]) {
        self.type = type
        self.body = body
    }

    /// Header and body as they go over the socket. The body must not exceed `bodyCap`; every message's caps see to that.
    package var bytes: [UInt8] {
        precondition(body.count <= Frame.bodyCap)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Frame.headerSize + body.count)
        bytes.append(Frame.magic.0)
        bytes.append(Frame.magic.1)
        bytes.append(Frame.version)
        bytes.append(type)
        bytes.append(bigEndian: UInt32(body.count))
        bytes.append(contentsOf: body)
        return bytes
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger & UnsignedInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
