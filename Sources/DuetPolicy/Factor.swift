/// How a person proves to Duo that it is them. The one list of factors; docs/architecture.md says what a new one touches.
package enum Factor: String, Sendable, CaseIterable {
    case push
    case phone
    case sms
    case passcode
}
