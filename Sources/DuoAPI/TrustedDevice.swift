package import Secrets
import Synchronization

/// What Duo remembers the device of one user by: preauth sends the token, an allow may bring a new one.
///
/// The token is as secret as a session cookie, because whoever has it needs no second factor. Keep one for each user
/// *and* device. How long it is good for is Duo's decision: an old one makes preauth ask for a factor as ever.
package final class TrustedDevice: Sendable {
    private let kept: Mutex<Secret?>

    package init(token: Secret? = nil) {
        kept = Mutex(token)
    }

    /// Opaque; nil until Duo has issued one.
    package var token: Secret? { kept.withLock { $0 } }

    /// What is no token leaves the old one in place.
    func keep(_ token: SecretText?) {
        guard let token = token?.secret, Self.isToken(token) else { return }
        kept.withLock { $0 = token }
    }

    static func isToken(_ token: Secret) -> Bool { token.isVisibleASCII(upTo: 4096) }
}
