/// Whether a condition holds, where the facts that it asks for may be missing.
package enum Truth: Sendable, Equatable {
    case no
    case unknown
    case yes

    package init(_ flag: Bool) { self = flag ? .yes : .no }

    package var negated: Truth {
        switch self {
        case .no: .yes
        case .unknown: .unknown
        case .yes: .no
        }
    }

    /// yes when one is, no when all are, else unknown.
    package static func any(_ truths: some Sequence<Truth>) -> Truth {
        truths.reduce(.no) { $0 == .yes || $1 == .yes ? .yes : $0 == .unknown || $1 == .unknown ? .unknown : .no }
    }
}
