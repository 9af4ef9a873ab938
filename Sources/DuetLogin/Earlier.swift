package import DuetMemory

/// What came before a login and may spare it a question. Needed when it begins, and not while it waits.
package final class Earlier: Sendable {
    /// Under which of these an allow of this login would be found; empty: it is asked.
    let lookUpKeys: [DecisionKey]
    /// Where an answer of preauth that was asked for ahead is found, if there is one.
    let ahead: (prefetches: Prefetches, key: PrefetchKey)?

    package init(lookUpKeys: [DecisionKey] = [], ahead: (Prefetches, PrefetchKey)? = nil) {
        self.lookUpKeys = lookUpKeys
        self.ahead = ahead.map { ($0, $1) }
    }
}
