/// How the requests of one `AuthAPI` are signed. Duo accepts both on every endpoint of the Auth API.
package enum SignatureVersion: Sendable, CaseIterable {
    /// POSTs are forms; five lines are signed. What Duo's own Unix client sends.
    case v2
    /// POSTs are JSON; the body and the `X-Duo-` headers are signed too. What Duo's newer clients send.
    case v5
}
