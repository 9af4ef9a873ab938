package import Secrets

// The JSON of each endpoint, and how it becomes a result. Whatever is unknown is a denial.

struct TimeAnswer: Decodable {
    let time: Int64
}

struct TransactionAnswer: Decodable {
    let txid: String
}

struct PreauthAnswer: Decodable {
    let result: String
    let status_msg: Printable?
    let enroll_portal_url: Printable?
    let devices: [DeviceAnswer]?
    let txid: String?
    let verification_code: Printable?
    let expiration: Int64?
}

struct DeviceAnswer: Decodable {
    let device: String
    let type: String
    let display_name: Printable?
    let name: Printable?
    let number: Printable?
    let capabilities: [String]?
    let sms_nextcode: Printable?
}

struct AuthAnswer: Decodable {
    let result: String
    let status: String?
    let status_msg: Printable?
    let trusted_device_token: SecretText?
}

struct EnrollAnswer: Decodable {
    let user_id: String
    let username: Printable
    let activation_code: String
    let activation_url: Printable?
    let activation_barcode: Printable?
    let expiration: Int64
}

/// A text of an answer that nobody may print.
package struct SecretText: Decodable {
    package let secret: Secret

    package init(from decoder: any Decoder) throws {
        secret = Secret(try decoder.singleValueContainer().decode(String.self))
    }
}

extension PreauthResult {
    init(_ answer: PreauthAnswer) {
        let message = answer.status_msg?.text ?? ""
        switch answer.result {
        case "allow": self = .allow(statusMessage: message)
        case "enroll":
            self = .enroll(statusMessage: message, portalURL: webAddress(answer.enroll_portal_url))
        case "auth":
            self = .auth(
                devices: (answer.devices ?? []).compactMap(Device.init), statusMessage: message,
                verifiedPush: VerifiedPush(answer))
        default: self = .deny(statusMessage: message)
        }
    }
}

extension VerifiedPush {
    /// Duo leaves the fields out when an ordinary push would do.
    fileprivate init?(_ answer: PreauthAnswer) {
        guard let transaction = answer.txid.flatMap(TransactionID.init), let code = answer.verification_code?.text,
            (1...16).contains(code.utf8.count), code.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.init(transaction: transaction, code: code, expiration: answer.expiration)
    }
}

extension Device {
    /// Nil for an id that is none: such a device could not be named in a call.
    fileprivate init?(_ answer: DeviceAnswer) {
        guard isOpaqueID(answer.device) else { return nil }
        self.init(
            id: answer.device, kind: Kind(rawValue: answer.type) ?? .other,
            displayName: answer.display_name?.text ?? "", name: answer.name?.text ?? "",
            number: answer.number?.text ?? "",
            capabilities: Set((answer.capabilities ?? []).compactMap(Capability.init)),
            smsNextCode: answer.sms_nextcode?.text)
    }
}

extension Enrollment {
    /// Nil where an id is none: the enrolment could not be asked after.
    init?(_ answer: EnrollAnswer) {
        guard isOpaqueID(answer.user_id), Self.isCode(answer.activation_code) else { return nil }
        self.init(
            userID: answer.user_id, username: answer.username.text, activationCode: answer.activation_code,
            activationURL: webAddress(answer.activation_url), barcodeURL: webAddress(answer.activation_barcode),
            expiration: answer.expiration)
    }
}

extension EnrollmentStatus {
    init(_ word: Printable) {
        switch word.text {
        case "success": self = .success
        case "waiting": self = .waiting
        case "invalid": self = .invalid
        default: self = .other(String(word.text.prefix(64)))
        }
    }
}

extension AuthResult {
    init(_ answer: AuthAnswer) {
        let status = LoginStatus(answer.status ?? "")
        let message = answer.status_msg?.text ?? ""
        self =
            answer.result == "allow" && !status.isFinalDenial
            ? .allow(status, message: message) : .deny(status, message: message)
    }
}

extension AuthStatus {
    init(_ answer: AuthAnswer) {
        let status = LoginStatus(answer.status ?? "")
        let message = answer.status_msg?.text ?? ""
        switch answer.result {
        case "allow" where !status.isFinalDenial: self = .allow(status, message: message)
        case "waiting" where !status.isFinalDenial: self = .waiting(status, message: message)
        default: self = .deny(status, message: message)
        }
    }
}

/// What people are told to open is a web page or nothing.
private func webAddress(_ text: Printable?) -> String? {
    text.flatMap { $0.text.hasPrefix("https://") ? $0.text : nil }
}
