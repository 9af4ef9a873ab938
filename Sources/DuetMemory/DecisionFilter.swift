/// Which decisions are meant: those for which every field that is set fits.
package struct DecisionFilter: Sendable {
    package var id: Int64?
    package var user: String?
    package var service: String?
    package var scope: ScopeBinding.Kind?

    package static let all = DecisionFilter()

    package init(
        id: Int64? = nil, user: String? = nil, service: String? = nil, scope: ScopeBinding.Kind? = nil
    ) {
        self.id = id
        self.user = user
        self.service = service
        self.scope = scope
    }

    /// Four parameters, in the order of `values`.
    static let condition = """
        (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR user = ?2) AND (?3 IS NULL OR service = ?3)
        AND (?4 IS NULL OR scope = ?4)
        """

    var values: [SQLValue] { [SQLValue(id), SQLValue(user), SQLValue(service), SQLValue(scope?.rawValue)] }
}
