package import DuetMemory
import DuetPolicy

/// What is remembered for a login: earlier decisions, and how many pushes its person may still get.
package struct LoginMemory: Sendable {
    package let store: DecisionStore
    package let budget: PushBudget
    package let flights: SingleFlight<FlightKey, ApprovalEnd>
    package let approvals: Approvals
    /// Whose phone it is.
    package let person: Person
    /// Under which its own decision is remembered; nil: it is not.
    package let recordKey: DecisionKey?
    /// When the login began, by the boot clock.
    package let begun: Duration
    /// Asked before an allow is remembered, which is its end: false if something else has ended the login; otherwise nothing does
    /// from then on.
    package let settles: @Sendable () -> Bool

    package init(
        store: DecisionStore, budget: PushBudget, flights: SingleFlight<FlightKey, ApprovalEnd>, approvals: Approvals,
        person: Person, recordKey: DecisionKey? = nil, begun: Duration, settles: @escaping @Sendable () -> Bool
    ) {
        self.store = store
        self.budget = budget
        self.flights = flights
        self.approvals = approvals
        self.person = person
        self.recordKey = recordKey
        self.begun = begun
        self.settles = settles
    }
}
