/// A thread on which transports work.
package protocol TransportDriver: Sendable {
    /// Calls `loop.work()` on that thread from now on: whenever something can be read at `loop.descriptor`, when the time has
    /// come that the last call gave, and soon after `wake`; until `loop.isOver`.
    func drive(_ loop: TransportLoop) throws(DuoError)

    /// From any thread.
    func wake(_ loop: TransportLoop)
}
