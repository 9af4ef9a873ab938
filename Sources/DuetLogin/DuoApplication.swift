package import DuoAPI

/// One application of Duo's admin panel, as logins use it. An object, because every login that waits holds it.
package final class DuoApplication: Sendable {
    package let api: AuthAPI
    package let breaker: CircuitBreaker
    /// How long Duo may take to say who may log in with what. After it the fail mode decides.
    package let preauthTimeout: Duration
    /// What Duo has said that may be used again.
    package let kept: KeptPreauths

    package init(
        api: AuthAPI, breaker: CircuitBreaker, preauthTimeout: Duration = .seconds(5),
        kept: KeptPreauths = KeptPreauths()
    ) {
        self.api = api
        self.breaker = breaker
        self.preauthTimeout = preauthTimeout
        self.kept = kept
    }
}
