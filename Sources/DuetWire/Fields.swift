/// The fields of a body, checked for structure and not yet for meaning.
struct Fields {
    private struct Place {
        let tag: UInt16
        let start: Int
        let count: Int
    }

    private static let headerSize = 4
    /// More than any message has; only room.
    private static let usual = 20

    private let body: [UInt8]
    private var places: [Place] = []

    init(_ body: [UInt8]) throws(WireError) {
        self.body = body
        places.reserveCapacity(Self.usual)
        var start = 0
        var last: UInt16 = 0
        while start < body.count {
            guard body.count - start >= Self.headerSize else { throw .brokenField(tag: last) }
            let tag = UInt16(body[start]) << 8 | UInt16(body[start + 1])
            let count = Int(body[start + 2]) << 8 | Int(body[start + 3])
            start += Self.headerSize
            guard tag > last, body.count - start >= count else { throw .brokenField(tag: tag) }
            places.append(Place(tag: tag, start: start, count: count))
            start += count
            last = tag
        }
    }

    func optional(_ tag: UInt16) -> ArraySlice<UInt8>? {
        // In order, so that the search ends early; a message has few.
        for place in places where place.tag >= tag {
            return place.tag == tag ? body[place.start..<place.start + place.count] : nil
        }
        return nil
    }

    func bytes(_ tag: UInt16, count: ClosedRange<Int>) throws(WireError) -> ArraySlice<UInt8> {
        guard let value = optional(tag) else { throw .missingField(tag: tag) }
        guard count.contains(value.count) else { throw .badValue(tag: tag) }
        return value
    }

    func u8(_ tag: UInt16) throws(WireError) -> UInt8 {
        try bytes(tag, count: 1...1).reduce(0) { $0 << 8 | $1 }
    }

    func u32(_ tag: UInt16) throws(WireError) -> UInt32 {
        try bytes(tag, count: 4...4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    func text(_ tag: UInt16, _ rule: TextRule) throws(WireError) -> String {
        let value = try bytes(tag, count: rule.sizes)
        if rule.permitsPlain(value) { return String(decoding: value, as: UTF8.self) }
        guard let text = String(validating: value, as: UTF8.self), rule.permits(text) else { throw .badValue(tag: tag) }
        return text
    }

    func optionalText(_ tag: UInt16, _ rule: TextRule) throws(WireError) -> String? {
        optional(tag) == nil ? nil : try text(tag, rule)
    }
}

/// Writes fields; the caller keeps the tags ascending.
struct FieldWriter {
    private(set) var body: [UInt8] = []

    init() {
        // Room for a verdict.
        body.reserveCapacity(96)
    }

    mutating func put(_ tag: UInt16, _ value: some Collection<UInt8>) {
        body.append(bigEndian: tag)
        body.append(bigEndian: UInt16(value.count))
        body.append(contentsOf: value)
    }

    mutating func put(_ tag: UInt16, u8 value: UInt8) { put(tag, CollectionOfOne(value)) }

    mutating func put(_ tag: UInt16, u32 value: UInt32) {
        body.append(bigEndian: tag)
        body.append(bigEndian: UInt16(MemoryLayout<UInt32>.size))
        body.append(bigEndian: value)
    }

    mutating func put(_ tag: UInt16, _ text: String, _ rule: TextRule) throws(WireError) {
        guard rule.sizes.contains(text.utf8.count), rule.permitsPlain(text.utf8) || rule.permits(text) else {
            throw .badValue(tag: tag)
        }
        put(tag, text.utf8)
    }

    mutating func put(_ tag: UInt16, _ text: String?, _ rule: TextRule) throws(WireError) {
        if let text { try put(tag, text, rule) }
    }
}
