/// A push or call that has been counted and may now be sent. Settled once, when its end is known.
package struct PushCharge: Sendable, Equatable {
    package let person: Person
    let id: Int64
    /// With the id, so that a charge is never taken for one of a file that was made anew.
    let charged: Int64
}
