/// How the phone of a user is added whom POST /enroll made.
struct Enrollment: Sendable {
    let activationCode: String
    let expiresAt: Duration
    var isActivated = false
}
