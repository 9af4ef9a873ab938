/// What became of an enrolment.
package enum EnrollmentStatus: Sendable, Equatable {
    /// The phone is added. The only case that says so.
    case success
    /// Expired, or never there.
    case invalid
    case waiting
    /// A word that did not exist when this was written, safe to print.
    case other(String)
}
