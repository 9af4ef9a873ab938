/// Whether a push or call may be sent.
package enum PushPermit: Sendable, Equatable {
    case push(PushCharge)
    case passcodeOnly(PushStop)
}
