/// Why somebody gets no push and no call for now. Passcodes go on.
package enum PushStop: Sendable, Equatable {
    /// As many as may be are waiting on the phone.
    case pending
    /// Too many were not approved.
    case denials(remaining: Duration)
    case fraud(remaining: Duration)
    /// Too many SMS were sent that no right passcode followed. Pushes and calls go on.
    case texts(remaining: Duration)
    /// A denial with this login's key is remembered.
    case rememberedDenial(remaining: Duration)
    /// Nothing can be counted.
    case storeFails(MemoryTrouble)
}
