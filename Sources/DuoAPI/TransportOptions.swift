/// What an installation may choose about its connections. Everything else is locked down in `EasyHandle`.
package struct TransportOptions: Sendable {
    /// Trusted roots, PEM; nil: the system's bundle.
    package var caFile: String?
    /// For name lookup, TCP and TLS together; the call's own deadline holds beside it.
    package var connectTimeout: Duration
    /// To all hosts together. Every waiting long poll needs a connection of its own, so this bounds the logins in
    /// progress: further calls queue behind people with their phones in their hands. Hence large; a connection that
    /// waits costs about 65 KB.
    package var maxConnections: Int

    package init(caFile: String? = nil, connectTimeout: Duration = .seconds(5), maxConnections: Int = 4096) {
        self.caFile = caFile
        self.connectTimeout = connectTimeout
        self.maxConnections = maxConnections
    }
}
