/// One device of a user, as preauth lists it.
package struct Device: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Tablets too.
        case phone
        case token
        /// A kind that did not exist when this was written.
        case other
    }

    package enum Capability: String, Sendable, CaseIterable {
        /// May be chosen by Duo itself (`DeviceChoice.auto`).
        case auto
        case push
        case phone
        case sms
        /// Shows passcodes in the app.
        case mobileOTP = "mobile_otp"
    }

    package let id: String
    package let kind: Kind
    /// For people: `iOS (XXX-XXX-0100)`.
    package let displayName: String
    /// A label, often empty.
    package let name: String
    /// Masked; empty for tablets and tokens.
    package let number: String
    /// Empty for tokens, whose passcodes work all the same.
    package let capabilities: Set<Capability>
    /// First digit of the next SMS passcode.
    package let smsNextCode: String?

    package init(
        id: String, kind: Kind, displayName: String, name: String = "", number: String = "",
        capabilities: Set<Capability> = [], smsNextCode: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.displayName = displayName
        self.name = name
        self.number = number
        self.capabilities = capabilities
        self.smsNextCode = smsNextCode
    }
}

/// Which device a push, a call or an SMS goes to.
package enum DeviceChoice: Sendable, Equatable {
    /// The first capable one.
    case auto
    case id(String)
}
