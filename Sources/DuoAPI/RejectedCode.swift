/// Duo's numbers behind HTTP 400.
package enum RejectedCode {
    /// Also "no logo", and a status poll during which nothing happened.
    package static let invalidParameters = 40002
}
