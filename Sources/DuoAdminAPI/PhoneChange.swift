/// What is to become of a phone; what is nil stays as it is, or is Duo's choice.
package struct PhoneChange: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case unknown, mobile, landline
    }

    /// Those that one can still buy, and Duo's word for all others.
    package enum Platform: String, Sendable, CaseIterable {
        case unknown
        case android = "google android"
        case ios = "apple ios"
        case other = "generic smartphone"

        /// As typed.
        package var word: String {
            switch self {
            case .unknown: "unknown"
            case .android: "android"
            case .ios: "ios"
            case .other: "smartphone"
            }
        }
    }

    /// E.164; empty for a tablet.
    package var number: String?
    package var name: String?
    package var lineExtension: String?
    package var kind: Kind?
    package var platform: Platform?

    package init() {}

    func parameters() throws(AdminError) -> [(String, String)] {
        if let number, !number.isEmpty {
            let digits = number.utf8.dropFirst()
            guard number.hasPrefix("+"), (5...15).contains(digits.count),
                digits.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw .invalid(name: "number", why: "write it with its country, in digits: +15550100100") }
        }
        let pairs: [(String, String?)] = [
            ("number", number), ("name", name), ("extension", lineExtension), ("type", kind?.rawValue),
            ("platform", platform?.rawValue),
        ]
        return pairs.compactMap { name, value in value.flatMap { $0.isEmpty ? nil : (name, $0) } }
    }
}
