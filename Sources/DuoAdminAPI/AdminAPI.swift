package import DuoAPI
package import Secrets

/// Duo's Admin and Accounts APIs, and any other call that is signed with the same keys.
package struct AdminAPI: Sendable {
    /// What a call may take, waiting for Duo's permission included.
    package static let deadline = Duration.seconds(120)
    /// What one attempt may take.
    static let attemptDeadline = Duration.seconds(60)
    /// Members and elements of one answer. A hundred users with their devices and groups come to some 15,000.
    static let mostValues = 200_000

    package let application: SignedAPI
    /// The application that the keys belong to.
    package let kind: APIKind
    /// The child account that every call is for; then the keys are those of an Accounts API application of its parent.
    package let accountID: String?

    package init(_ application: SignedAPI, kind: APIKind, accountID: String? = nil) {
        self.application = application
        self.kind = kind
        self.accountID = accountID
    }

    package var host: APIHost { application.host }

    /// What would be signed, were the call made now. It holds what was given to the call, and not the secret key.
    package func canonical(_ call: APICall) throws(AdminError) -> Secret {
        let call = try call.checked()
        guard let text = application.signature(call.method, call.path, parameters(call)).canonical else {
            throw .duo(.local(.signing))
        }
        return text
    }

    /// With the account, where there is one.
    func parameters(_ call: APICall) -> Parameters {
        var parameters = Parameters(call.parameters.map { ($0.name, $0.value) })
        parameters.add("account_id", accountID)
        return parameters
    }
}
