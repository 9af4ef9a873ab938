/// Bypass codes to be made.
package struct NewBypassCodes: Sendable {
    package static let counts = 1...10

    package var count: Int
    /// Seconds; nil: for ever.
    package var validSeconds: Int?
    /// How often each of them counts; nil: without limit.
    package var uses: Int? = 1
    /// Those that the user has stay good. Duo's own choice is to delete them.
    package var keepsExisting = true

    package init(count: Int) { self.count = count }

    func parameters() throws(AdminError) -> [(String, String)] {
        guard Self.counts.contains(count) else { throw .invalid(name: "count", why: "it must be from 1 to 10") }
        guard validSeconds.map({ (1...2_147_483_647).contains($0) }) ?? true else {
            throw .invalid(name: "valid_secs", why: "it must be at least one second")
        }
        guard uses.map({ (1...1_000_000).contains($0) }) ?? true else {
            throw .invalid(name: "reuse_count", why: "it must be at least 1")
        }
        return [
            ("count", "\(count)"), ("reuse_count", "\(uses ?? 0)"), ("valid_secs", "\(validSeconds ?? 0)"),
            ("preserve_existing", keepsExisting ? "1" : "0"),
        ]
    }
}
