/// One thing that `duet doctor` looked at.
struct Finding: Encodable, Sendable, Equatable {
    enum Result: String, Encodable, Sendable {
        case ok
        /// It works, and does less than it seems to.
        case warning
        /// Logins fail, or pass where they should not.
        case failure
        /// It could not be looked at, or there is nothing to look at.
        case skipped
    }

    let check: String
    let result: Result
    let text: String
    /// How to mend it; nil where there is nothing to mend.
    let mend: String?
}

extension DoctorCheck {
    func ok(_ text: String) -> Finding { Finding(check: name, result: .ok, text: text, mend: nil) }
    func skipped(_ text: String) -> Finding { Finding(check: name, result: .skipped, text: text, mend: nil) }

    func warning(_ text: String, mend: String) -> Finding {
        Finding(check: name, result: .warning, text: text, mend: mend)
    }

    func failure(_ text: String, mend: String) -> Finding {
        Finding(check: name, result: .failure, text: text, mend: mend)
    }
}
