/// Bytes read from front to back; what is not there is nil.
struct BigEndianInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var remaining: Int { rest.count }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func skip(_ count: Int) -> Bool {
        bytes(count) != nil
    }

    /// A signed number of `size` bytes, 8 at most.
    mutating func integer(_ size: Int) -> Int64? {
        guard let bytes = bytes(size), let top = bytes.first else { return nil }
        let start: Int64 = top & 0x80 == 0 ? 0 : -1
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
    }

    /// What stands between two line feeds.
    mutating func line() -> String? {
        guard bytes(1) == [0x0A], let end = rest.firstIndex(of: 0x0A) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return String(validating: rest[..<end], as: UTF8.self)
    }
}
