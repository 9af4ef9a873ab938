/// An account under the one of the Accounts API application.
struct ChildAccount: Sendable {
    var id: String
    var name: String
    var tenant = Tenant()
}
