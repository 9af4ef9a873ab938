/// The value of a field that has parts, read or written from the front. Its size is checked before it is read.
struct CompositeValue {
    let tag: UInt16
    private(set) var bytes: ArraySlice<UInt8> = []

    private mutating func take(_ count: Int) throws(WireError) -> UInt64 {
        guard bytes.count >= count else { throw .badValue(tag: tag) }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func u32(in permitted: ClosedRange<UInt32>) throws(WireError) -> UInt32 {
        let number = UInt32(truncatingIfNeeded: try take(4))
        guard permitted.contains(number) else { throw .badValue(tag: tag) }
        return number
    }

    mutating func process(_ pids: ClosedRange<UInt32>) throws(WireError) -> ProcessIdentity {
        ProcessIdentity(pid: try u32(in: pids), start: try take(8))
    }

    mutating func put(u32 number: UInt32, in permitted: ClosedRange<UInt32>) throws(WireError) {
        guard permitted.contains(number) else { throw .badValue(tag: tag) }
        put(number)
    }

    mutating func put(_ process: ProcessIdentity, _ pids: ClosedRange<UInt32>) throws(WireError) {
        try put(u32: process.pid, in: pids)
        put(process.start)
    }

    private mutating func put(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

extension Fields {
    func composite(_ tag: UInt16, size: Int) throws(WireError) -> CompositeValue? {
        optional(tag) == nil ? nil : CompositeValue(tag: tag, bytes: try bytes(tag, count: size...size))
    }

    func number(_ tag: UInt16, in permitted: ClosedRange<UInt32>) throws(WireError) -> UInt32? {
        var value = try composite(tag, size: 4)
        return try value?.u32(in: permitted)
    }
}

extension FieldWriter {
    mutating func put(_ tag: UInt16, number: UInt32?, in permitted: ClosedRange<UInt32>) throws(WireError) {
        guard let number else { return }
        guard permitted.contains(number) else { throw .badValue(tag: tag) }
        put(tag, u32: number)
    }
}
