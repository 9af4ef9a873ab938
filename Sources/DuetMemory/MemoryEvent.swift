/// What an administrator should read about the store. Told once when it begins and once when it is over, whatever the
/// number of logins that meet it.
package enum MemoryEvent: Sendable, Equatable {
    /// Until it recovers, every login is asked and nobody gets a push.
    case failing(MemoryTrouble)
    case recovered
}
