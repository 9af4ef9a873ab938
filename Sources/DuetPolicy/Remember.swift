/// How long a decision is remembered, and for what.
package struct Remember: Sendable, Equatable {
    /// How long an allow lives, whatever it is used for; zero: it is not remembered.
    package var allow: Duration
    package var scope: RememberScope
    /// How long a denial stops pushes; passcodes go on. Zero: not at all.
    package var deny: Duration
    /// How many logins one allow may serve; nil: any number.
    package var uses: Int?

    package static let denies: ClosedRange<Duration> = .seconds(1) ... .seconds(600)
    package static let useCounts = 1...1_000

    package init(allow: Duration, scope: RememberScope, deny: Duration = .zero, uses: Int? = nil) {
        self.allow = allow
        self.scope = scope
        self.deny = deny
        self.uses = uses
    }
}
