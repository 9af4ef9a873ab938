extension AuthAPI {
    /// Makes a user who can add a phone by scanning a code. Without `username`, Duo makes one up; one that exists is
    /// rejected (400, code 40002).
    package func enroll(
        username: String? = nil, validFor: Duration? = nil, deadline: Duration
    ) async throws(DuoError) -> Enrollment {
        let parameters = try Enrollment.parameters(username: username, validFor: validFor)
        let answer = try await call(.post, "enroll", parameters, deadline: deadline, delivery: .once)
        guard let enrollment = Enrollment(try answer.decode(EnrollAnswer.self)) else {
            throw .malformed(what: "the enrolment has no usable id or code")
        }
        return enrollment
    }

    /// Has the user scanned the code?
    package func enrollmentStatus(
        userID: String, activationCode: String, deadline: Duration
    ) async throws(DuoError) -> EnrollmentStatus {
        let parameters = try Enrollment.statusParameters(userID: userID, activationCode: activationCode)
        let answer = try await call(.post, "enroll_status", parameters, deadline: deadline)
        return EnrollmentStatus(try answer.decode(Printable.self))
    }
}
