/// How many connections there were and are.
package struct ConnectionCounts: Sendable, Equatable, Codable {
    package var accepted = 0
    /// Finished TLS handshakes.
    package var handshakes = 0
    /// Those of them that resumed an earlier session.
    package var resumed = 0
    package var open = 0
}
