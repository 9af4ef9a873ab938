/// What an installation may choose about its connections. Everything else is locked down in `EasyHandle`.
package struct TransportOptions: Sendable {
    /// Trusted roots, PEM; nil: the system's bundle.
    package var caFile: String?
    /// The one way to Duo, where there is one. Never taken from the environment.
    package var proxy: Proxy?
    /// For name lookup, TCP and TLS together; the call's own deadline holds beside it. An address that does not answer
    /// costs half of what is left of it while there is another, and is then passed over (`DeadAddresses`).
    package var connectTimeout: Duration
    /// To all hosts together. Every waiting long poll needs a connection of its own, so this bounds the logins in
    /// progress: further calls queue behind people with their phones in their hands. Hence large; a connection that
    /// waits costs about 65 KB.
    package var maxConnections: Int
    /// In place of a name lookup: what tests need to have dead addresses among live ones.
    var addresses: [String] = []

    package init(
        caFile: String? = nil, proxy: Proxy? = nil, connectTimeout: Duration = .seconds(3), maxConnections: Int = 4096
    ) {
        self.caFile = caFile
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.maxConnections = maxConnections
    }
}
