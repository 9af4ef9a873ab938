/// What can go wrong between here and Duo. Told apart by libcurl's codes and HTTP statuses, never by anybody's text.
///
/// Only `unreachable` may ever lead to a fail mode, and only at or before preauth: ask `isUnreachable`. Everything
/// else is a denial, whatever the fail mode says.
package enum DuoError: Error, Sendable, Equatable {
    /// No answer of Duo's own came. **The only case that a fail mode may follow.**
    case unreachable(UnreachableCause)
    /// Somebody answered who cannot prove to be Duo: an attacker on the path looks just like this. Never a fail mode.
    /// A TLS handshake that fails for any other reason than the time belongs here too.
    case certificate(CertificateFault)
    /// HTTP 401: wrong keys, or a clock too far off (see `UnauthorizedCode`). Never a fail mode: whoever can turn the
    /// clock could open the door.
    case unauthorized(code: Int?)
    /// HTTP 403: the keys are right but not those of an Auth API application.
    case forbidden(code: Int?)
    /// HTTP 429. `retryAfter` as Duo says it, which is seldom.
    case rateLimited(retryAfter: Duration?)
    /// Every other answer that is not a success, redirects included (they are never followed).
    case rejected(status: Int, code: Int?, message: String, detail: String?)
    /// A success that cannot be understood. `what` is a fixed phrase of ours, never text from outside.
    case malformed(what: String)
    /// The answer exceeds the cap on headers or body.
    case tooLarge
    /// A parameter that Duo could only refuse; nothing was sent.
    case invalidParameter(name: String, why: String)
    /// The Swift task was cancelled; the connection is closed.
    case cancelled
    /// The transport has been shut down.
    case shutDown
    /// This host ran out of something (descriptors, memory). Not "unreachable": who exhausts the daemon must not open
    /// the door.
    case local(LocalFault)

    /// May a fail mode follow, provided that this happened at or before preauth?
    package var isUnreachable: Bool {
        switch self {
        case .unreachable(let cause): cause.mayFollowFailMode
        case .certificate, .unauthorized, .forbidden, .rateLimited, .rejected, .malformed, .tooLarge,
            .invalidParameter, .cancelled, .shutDown, .local:
            false
        }
    }
}

/// Where the way to Duo ended.
package enum UnreachableCause: Sendable, Equatable {
    /// The name does not resolve.
    case dns
    /// No TCP connection; `errno` is 0 where the system gave none.
    case connect(errno: Int32)
    /// The connect timeout or the call's deadline passed.
    case timedOut(CallPhase)
    /// The connection died, or ended in the middle of an answer.
    case connectionLost
    /// HTTP 5xx.
    case serverError(status: Int)
    /// The proxy let nothing through. A proxy that is down or refuses, for whatever reason (407 included), means that
    /// no connection to Duo can be made, so it is as unreachable as behind a broken line: whoever controls the proxy
    /// can drop every packet just as well.
    case proxy(ProxyFault)
}

/// Why there is no tunnel through the proxy.
package enum ProxyFault: Sendable, Equatable {
    /// Its name does not resolve.
    case dns
    case connect(errno: Int32)
    case timedOut
    /// It hung up without an answer to CONNECT.
    case connectionLost
    /// It answered CONNECT with another status than 2xx: 407 without the right credentials.
    case refused(status: Int)
}

extension UnreachableCause {
    /// Name, connection, time, 5xx: Duo was not there. A connection that dies in the middle of an answer means that
    /// somebody was, and whoever can end it could choose when.
    var mayFollowFailMode: Bool {
        switch self {
        case .dns, .connect, .timedOut, .serverError, .proxy: true
        case .connectionLost: false
        }
    }
}

/// What a call was doing.
package enum CallPhase: String, Sendable, Equatable {
    case lookup, connect, handshake, answer
}

/// Why the peer's certificate was not accepted.
package enum CertificateFault: Sendable, Equatable {
    /// No chain to a root in the CA file.
    case untrusted
    case expired
    case notYetValid
    case wrongHost
    /// The handshake was broken off for another reason than a certificate: no common version, no TLS at all.
    case handshake
    /// The CA file itself cannot be read.
    case caFileUnusable
    /// Another `X509_V_ERR_*` number of OpenSSL.
    case other(code: Int)
}

/// What this host lacked.
package enum LocalFault: Sendable, Equatable {
    case system(errno: Int32)
    /// A `CURLcode` that says nothing about Duo.
    case curl(code: Int)
    /// The crypto library would not sign.
    case signing
    /// Every connection that `max_connections` permits was taken by other calls: this says nothing about Duo.
    case connectionLimit
}

/// Duo's numbers behind HTTP 401.
package enum UnauthorizedCode {
    package static let invalidIntegrationKey = 40102
    package static let invalidSignature = 40103
    /// The clock: `AuthAPI.ping` measures the offset and later calls use it.
    package static let badTimestamp = 40105
}
