/// A user made by `AuthAPI.enroll`, and how their phone is added.
package struct Enrollment: Sendable, Equatable {
    /// `DU` and 18 more characters.
    package let userID: String
    /// As given, or made up by Duo. Safe to print.
    package let username: String
    /// `duo://…`, for the app and for `AuthAPI.enrollmentStatus`. Whoever has it can enrol a phone for the user.
    package let activationCode: String
    /// To be opened on the phone (https).
    package let activationURL: String?
    /// An image of the code, to be scanned by the app (https).
    package let barcodeURL: String?
    /// Unix seconds.
    package let expiration: Int64
}
