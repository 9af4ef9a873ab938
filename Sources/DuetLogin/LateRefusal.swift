/// The person has pressed deny, or reported fraud, when the login that asked had gone.
package struct LateRefusal: Sendable, Equatable {
    package let loginID: String
    package let duoUser: String
    package let isFraud: Bool
}
