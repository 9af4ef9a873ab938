/// What a login is waiting for: a short word for whoever looks on.
package enum LoginStage: Sendable, Equatable, CustomStringConvertible {
    /// Who the user is, and in which groups.
    case directory
    /// Duo's answer to who may log in with what.
    case preauth
    /// The person, who has to enroll.
    case enrolment
    /// The person, at the menu.
    case prompt
    case push(device: String)
    case phone(device: String)
    case sms(device: String)
    /// Duo's answer to a passcode.
    case passcode
    /// The push of another login that is alike in everything.
    case otherLogin

    package var description: String {
        switch self {
        case .directory: "directory"
        case .preauth: "preauth"
        case .enrolment: "enrolment"
        case .prompt: "prompt"
        case .push(let device): "push to \(device)"
        case .phone(let device): "call to \(device)"
        case .sms(let device): "SMS to \(device)"
        case .passcode: "passcode check"
        case .otherLogin: "waiting for another login"
        }
    }
}
