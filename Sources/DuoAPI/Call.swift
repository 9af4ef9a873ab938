import Synchronization

/// One request on its way through the transport.
///
/// `@unchecked Sendable` is sound: `cancelled` is atomic, `continuation` is written before the call is submitted (the
/// inbox's lock orders it), and everything else is touched by the transport's thread alone until it has resumed the
/// continuation, and then by the task that waited for it.
final class Call: @unchecked Sendable {
    /// Duo's answers have some KB. What exceeds these caps is not Duo.
    static let bodyLimit = 1 << 20
    static let headerLimit = 64 << 10

    let request: Request
    /// When its time is over.
    let end: ContinuousClock.Instant
    /// Requests handed to a connection in earlier goes of the same request.
    let earlierDepartures: Int
    /// Addresses that did not answer lately are tried too.
    let triesEveryAddress: Bool
    let cancelled = Atomic<Bool>(false)
    var continuation: CheckedContinuation<Result<Response, DuoError>, Never>?

    /// The easy handle while libcurl works on the call.
    var handle: UnsafeMutableRawPointer?
    /// Requests handed to a connection so far: the guard of `Request.Delivery`.
    var departures = 0
    /// Addresses that a socket was opened for, in that order.
    var tried: [(address: String, family: Int32)] = []
    /// An address was left out because it did not answer lately.
    var passedOver = false
    /// Of the transport, on whose thread it is used.
    var deadAddresses: DeadAddresses?
    /// When the transport took it in.
    var arrival: ContinuousClock.Instant?
    /// All connections that there may be were taken when it came, or most of its time was over when it was its turn.
    var hadToQueue = false
    var headerBytes = 0
    var headIsComplete = false
    var body: [UInt8] = []
    var retryAfter: String?
    /// Compressed, or transformed in another way that nobody asked for.
    var isEncoded = false
    var tls: TLSFacts?
    /// Set by a callback that stops the transfer; goes before whatever code libcurl makes of that.
    var stopped: DuoError?

    init(_ request: Request, end: ContinuousClock.Instant, earlierDepartures: Int = 0, triesEveryAddress: Bool = false)
    {
        self.request = request
        self.end = end
        self.earlierDepartures = earlierDepartures
        self.triesEveryAddress = triesEveryAddress
    }

    /// Has opened a socket, or passed an address over, and sent nothing yet.
    var isConnecting: Bool { departures == 0 && (passedOver || !tried.isEmpty) }
    var allDepartures: Int { earlierDepartures + departures }

    func finish(_ result: Result<Response, DuoError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}
