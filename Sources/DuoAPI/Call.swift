import Synchronization

/// One request on its way through the transport.
///
/// `@unchecked Sendable` is sound: `cancelled` is atomic, `continuation` is written before the call is submitted (the
/// inbox's lock orders it), and everything else is touched by the transport's thread alone, inside libcurl's callbacks.
final class Call: @unchecked Sendable {
    /// Duo's answers have some KB. What exceeds these caps is not Duo.
    static let bodyLimit = 1 << 20
    static let headerLimit = 64 << 10

    let request: Request
    let cancelled = Atomic<Bool>(false)
    var continuation: CheckedContinuation<Result<Response, DuoError>, Never>?

    /// The easy handle while libcurl works on the call.
    var handle: UnsafeMutableRawPointer?
    /// Requests handed to a connection so far: the guard of `Request.Delivery`.
    var departures = 0
    var headerBytes = 0
    var headIsComplete = false
    var body: [UInt8] = []
    var retryAfter: String?
    var tls: TLSFacts?
    /// Set by a callback that stops the transfer; goes before whatever code libcurl makes of that.
    var stopped: DuoError?

    init(_ request: Request) {
        self.request = request
    }

    func finish(_ result: Result<Response, DuoError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}
