/// The fields of a body, checked for structure and not yet for meaning.
struct Fields {
    private let values: [(tag: UInt16, value: ArraySlice<UInt8>)]

    init(_ body: [UInt8]) throws(WireError) {
        var values: [(tag: UInt16, value: ArraySlice<UInt8>)] = []
        var rest = body[...]
        var last: UInt16 = 0
        while !rest.isEmpty {
            guard rest.count >= 4 else { throw .brokenField(tag: last) }
            let header = Array(rest.prefix(4))
            let tag = UInt16(header[0]) << 8 | UInt16(header[1])
            let length = Int(header[2]) << 8 | Int(header[3])
            rest = rest.dropFirst(4)
            guard tag > last, rest.count >= length else { throw .brokenField(tag: tag) }
            values.append((tag, rest.prefix(length)))
            rest = rest.dropFirst(length)
            last = tag
        }
        self.values = values
    }

    func optional(_ tag: UInt16) -> ArraySlice<UInt8>? {
        values.first { $0.tag == tag }?.value
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

    mutating func put(_ tag: UInt16, _ value: some Collection<UInt8>) {
        body.append(bigEndian: tag)
        body.append(bigEndian: UInt16(value.count))
        body.append(contentsOf: value)
    }

    mutating func put(_ tag: UInt16, u8 value: UInt8) { put(tag, [value]) }

    mutating func put(_ tag: UInt16, u32 value: UInt32) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: value)
        put(tag, bytes)
    }

    mutating func put(_ tag: UInt16, _ text: String, _ rule: TextRule) throws(WireError) {
        guard rule.sizes.contains(text.utf8.count), rule.permits(text) else { throw .badValue(tag: tag) }
        put(tag, text.utf8)
    }

    mutating func put(_ tag: UInt16, _ text: String?, _ rule: TextRule) throws(WireError) {
        if let text { try put(tag, text, rule) }
    }
}
