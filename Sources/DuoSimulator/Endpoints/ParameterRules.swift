import Glibc

/// Which parameters an endpoint takes. What is not in the table is an error.
struct ParameterRules: Sendable {
    enum Kind: Sendable {
        case text
        /// A text that may be empty.
        case blank
        /// `1` or `0`
        case flag
        /// IPv4 or IPv6
        case address
        case oneOf([String])
        /// Decimal digits.
        case number(ClosedRange<Int>)
        /// Percent-encoded `k=v&k=v` of fewer bytes than this.
        case pairs(below: Int)
    }

    private(set) var kinds: [String: Kind]
    private let required: [String]

    init(_ kinds: [String: Kind], required: [String] = []) {
        self.kinds = kinds
        self.required = required
    }

    func with(_ name: String, _ kind: Kind, isRequired: Bool = false) -> ParameterRules {
        ParameterRules(kinds.merging([name: kind]) { $1 }, required: required + (isRequired ? [name] : []))
    }

    func check(_ parameters: Parameters) throws(APIFailure) {
        var seen: Set<String> = []
        for pair in parameters.pairs {
            guard let kind = kinds[pair.name], seen.insert(pair.name).inserted, Self.allows(kind, pair.value) else {
                throw .invalid(pair.name)
            }
        }
        for name in required where !seen.contains(name) { throw .missing(name) }
    }

    private static func allows(_ kind: Kind, _ value: String) -> Bool {
        switch kind {
        case .text: !value.isEmpty
        case .blank: true
        case .flag: value == "1" || value == "0"
        case .address: isAddress(value)
        case .oneOf(let words): words.contains(value)
        case .number(let range):
            value.utf8.allSatisfy { (48...57).contains($0) } && Int(value).map(range.contains) ?? false
        case .pairs(let limit): value.utf8.count < limit && Parameters(form: value) != nil
        }
    }

    static func isAddress(_ text: String) -> Bool {
        var buffer = in6_addr()
        return inet_pton(AF_INET, text, &buffer) == 1 || inet_pton(AF_INET6, text, &buffer) == 1
    }
}
