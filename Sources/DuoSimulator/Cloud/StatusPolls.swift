/// What a poll of auth_status is told when more than one thing has happened since the last one. Duo documents that it waits for
/// "the next status update" and leaves open which one that is for whoever comes late; so a client has to get on with both.
package enum StatusPolls: String, Sendable, CaseIterable {
    /// The oldest step that it has not been told: the stricter one, since every step costs a poll.
    case everyStep = "every-step"
    /// The newest; a push that is approved before the first poll needs no other.
    case latest
}
