/// A phone, tablet or hardware token of a user.
package struct Device: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case phone, token
    }

    package enum Capability: String, Sendable, CaseIterable {
        case auto, push, sms, phone
        case mobileOTP = "mobile_otp"
    }

    package var id: String
    package var kind: Kind
    package var displayName: String
    package var name: String
    /// As given in the users file; clients see it masked.
    package var number: String
    package var capabilities: [Capability]

    /// The phone of a user who has scanned an activation code.
    static func activated(for user: User) -> Device {
        Device(
            id: Identifier.make("DP", from: "\(user.name.lowercased())/0"), kind: .phone, displayName: "Phone",
            name: "",
            number: "", capabilities: [.auto, .push, .mobileOTP])
    }

    /// `XXX-XXX-0100`; empty for a tablet.
    var maskedNumber: String {
        let digits = number.filter { $0.isNumber }
        return digits.isEmpty ? "" : "XXX-XXX-\(digits.suffix(4))"
    }
}
