/// Bytes that can be read back in one way only: every field has its length in front, every number its full width.
struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ field: some Collection<UInt8>) {
        bytes += Self.bigEndian(UInt32(field.count))
        bytes += field
    }

    mutating func append(_ text: String) {
        append(text.utf8)
    }

    mutating func append(_ number: some FixedWidthInteger) {
        append(Self.bigEndian(number))
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
