/// What a login has to show before it is allowed.
package struct Requirement: Sendable, Equatable {
    /// The factors that may be used, in the order in which they are offered.
    package var factors: [Factor]
    package var fail: FailMode
    /// From BEGIN to the verdict. Below the module's 110 s and sshd's LoginGraceTime of 120 s.
    package var timeout: Duration

    package static let timeouts: ClosedRange<Duration> = .seconds(10) ... .seconds(100)
    package static let standard = Requirement(factors: Factor.allCases, fail: .closed, timeout: .seconds(100))

    package init(factors: [Factor], fail: FailMode, timeout: Duration) {
        self.factors = factors
        self.fail = fail
        self.timeout = timeout
    }
}
