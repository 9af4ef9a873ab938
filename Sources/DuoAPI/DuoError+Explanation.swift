import Glibc

extension DuoError {
    /// Stable, for logs, the CLI and the manual.
    package var code: String {
        switch self {
        case .unreachable(.dns): "DUET-101"
        case .unreachable(.connect): "DUET-102"
        case .certificate(.handshake): "DUET-103"
        case .unreachable(.timedOut): "DUET-104"
        case .unreachable(.connectionLost): "DUET-105"
        case .unreachable(.serverError): "DUET-106"
        case .unreachable(.proxy): "DUET-107"
        case .certificate: "DUET-110"
        case .unauthorized: "DUET-120"
        case .forbidden: "DUET-121"
        case .rateLimited: "DUET-122"
        case .rejected: "DUET-123"
        case .malformed: "DUET-124"
        case .tooLarge: "DUET-125"
        case .invalidParameter: "DUET-126"
        case .cancelled: "DUET-130"
        case .shutDown: "DUET-131"
        case .local: "DUET-132"
        }
    }

    /// For a log and whoever administers the host: `code`, and what it means.
    package func report(host: APIHost) -> String { "\(code) \(explanation(host: host))" }

    /// One sentence or two for people: what, which host, what to do.
    package func explanation(host: APIHost) -> String {
        switch self {
        case .unreachable(let cause): cause.explanation(host)
        case .certificate(let fault): fault.explanation(host)
        case .unauthorized(UnauthorizedCode.badTimestamp):
            "\(host) refused the request's time stamp: set this host's clock, best with NTP."
        case .unauthorized(UnauthorizedCode.invalidIntegrationKey):
            "\(host) does not know the integration key: compare it with the application in the Duo Admin Panel."
        case .unauthorized(UnauthorizedCode.invalidSignature):
            "\(host) refused the signature: compare the secret key with the application in the Duo Admin Panel."
        case .unauthorized(let code):
            "\(host) refused the credentials (\(number(code))): compare host and keys with the Duo Admin Panel."
        case .forbidden(let code):
            "\(host) forbids the call (\(number(code))): the keys must belong to an application that may use the Auth API."
        case .rateLimited(let retryAfter):
            "\(host) says that there are too many requests: wait "
                + (retryAfter.map { "\($0.components.seconds) seconds." } ?? "a minute and try again.")
        case .rejected(let status, let code, let message, let detail):
            "\(host) rejected the call (HTTP \(status), \(number(code))): \(message)\(detail.map { " (\($0))" } ?? "")"
        case .malformed(let what):
            "The answer of \(host) cannot be understood (\(what)): check that nothing between here and Duo changes it."
        case .tooLarge:
            "The answer of \(host) is too large to be Duo's: check that nothing between here and Duo changes it."
        case .invalidParameter(let name, let why):
            "The value of \(name) cannot be sent to Duo: \(why)."
        case .cancelled: "The call to \(host) was given up."
        case .shutDown: "The call to \(host) was not made: the program is stopping."
        case .local(let fault): fault.explanation(host)
        }
    }

    private func number(_ code: Int?) -> String { code.map { "code \($0)" } ?? "no code" }
}

extension UnreachableCause {
    fileprivate func explanation(_ host: APIHost) -> String {
        switch self {
        case .dns: "The name \(host.name) cannot be looked up: check the host's name and the resolver."
        case .connect(let errno):
            "No connection to \(host)\(errno == 0 ? "" : " (\(String(cString: strerror(errno))))"): "
                + "check that outbound TCP port \(host.port) is open."
        case .timedOut(.lookup): "Looking up \(host.name) took too long: check the resolver."
        case .timedOut(.connect):
            "Connecting to \(host) took too long: check that outbound TCP port \(host.port) is open."
        case .timedOut(.handshake): "The TLS handshake with \(host) took too long: check the way to Duo."
        case .timedOut(.answer): "\(host) did not answer in time: check the way to Duo, and status.duo.com."
        case .connectionLost: "The connection to \(host) was lost before the answer was complete: try again."
        case .serverError(let status): "\(host) has trouble of its own (HTTP \(status)): see status.duo.com."
        case .proxy(let fault): fault.explanation(host)
        }
    }
}

extension ProxyFault {
    fileprivate func explanation(_ host: APIHost) -> String {
        switch self {
        case .dns: "The proxy's name cannot be looked up: check proxy in [duo] and the resolver."
        case .connect(let errno):
            "No connection to the proxy\(errno == 0 ? "" : " (\(String(cString: strerror(errno))))"): "
                + "check proxy in [duo], and that the proxy runs."
        case .timedOut: "The proxy opened no way to \(host) in time: check proxy in [duo], and the proxy's log."
        case .connectionLost: "The proxy hung up when asked for \(host): check that it is an HTTP proxy."
        case .refused(407): "The proxy wants other credentials (HTTP 407): check user and password of proxy in [duo]."
        case .refused(let status):
            "The proxy refuses to connect to \(host) (HTTP \(status)): it must allow CONNECT to port \(host.port)."
        }
    }
}

extension CertificateFault {
    fileprivate func explanation(_ host: APIHost) -> String {
        switch self {
        case .untrusted:
            "The certificate of \(host) is not signed by a trusted root: "
                + "check the CA file, and that nothing on the way intercepts TLS."
        case .expired: "The certificate of \(host) has expired: check this host's clock first."
        case .notYetValid: "The certificate of \(host) is not valid yet: check this host's clock first."
        case .wrongHost: "The certificate shown is not that of \(host.name): check the API host's name and its address."
        case .handshake:
            "The TLS handshake with \(host) failed: check that nothing on the way intercepts TLS, and that it allows "
                + "TLS 1.2 or newer."
        case .caFileUnusable: "The file with the trusted roots cannot be used: check that it exists and is readable."
        case .other(let code): "The certificate of \(host) was not accepted (OpenSSL \(code)): check the way to Duo."
        }
    }
}

extension LocalFault {
    fileprivate func explanation(_ host: APIHost) -> String {
        switch self {
        case .system(let errno):
            "This host could not make the call to \(host) (\(String(cString: strerror(errno)))): check its limits."
        case .curl(let code): "This host could not make the call to \(host) (libcurl error \(code)): check its libcurl."
        case .connectionLimit:
            "Every connection to \(host) was taken: raise max_connections in [duo]; duet logins shows who waits."
        case .signing: "The request to \(host) could not be signed: check the OpenSSL installation."
        }
    }
}
