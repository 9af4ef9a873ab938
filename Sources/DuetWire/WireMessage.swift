/// What may travel in one direction over one of the sockets.
package protocol WireMessage: Sendable {
    /// The frame types of this direction.
    static var types: Set<UInt8> { get }
    /// Decodes a frame whose type is one of `types`.
    init(_ frame: Frame) throws(WireError)
    /// Encodes; throws `badValue` for what the tables of docs/protocol.md do not permit.
    func frame() throws(WireError) -> Frame
}
