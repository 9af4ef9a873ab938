/// Why bytes from a peer are malformed. The session ends; nothing is answered.
package enum WireError: Error, Equatable {
    case badMagic
    case unknownVersion(UInt8)
    /// A type that does not exist, or that this side does not take.
    case unexpectedType(UInt8)
    /// The header announces more than `Frame.bodyCap` bytes.
    case tooLong(UInt32)
    /// A field runs over the body's end, or tags do not ascend.
    case brokenField(tag: UInt16)
    case missingField(tag: UInt16)
    /// A known field whose length or value is not permitted.
    case badValue(tag: UInt16)
    /// A message that is well formed and comes at the wrong time.
    case outOfOrder
}
