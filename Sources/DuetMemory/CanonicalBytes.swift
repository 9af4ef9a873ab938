/// Bytes that can be read back in one way only: every field has its length in front, every number its full width.
struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    init() {
        // Room for a usual key.
        bytes.reserveCapacity(256)
    }

    mutating func append(_ field: some Collection<UInt8>) {
        append(bigEndian: UInt32(field.count))
        bytes.append(contentsOf: field)
    }

    mutating func append(_ text: String) {
        append(text.utf8)
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        append(bigEndian: UInt32(MemoryLayout<Number>.size))
        append(bigEndian: number)
    }

    private mutating func append(bigEndian number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
