import CCurl
import CEpoll
import Glibc
import Synchronization

/// The calls of a transport: takes them in, lets libcurl work, hands results out.
///
/// libcurl says which sockets it waits for and until when, and is called for these alone: a thousand pushes that wait for their
/// person cost nothing while they wait. The sockets are in an epoll of their own, so that whoever drives the loop has one
/// descriptor to watch.
///
/// `@unchecked Sendable` is sound: `inbox` and `verified` are locked, `descriptor` does not change, and the rest belongs to the
/// driver's thread.
package final class TransportLoop: @unchecked Sendable {
    struct Inbox {
        var arrivals: [Call] = []
        var cancellations: [Call] = []
        var alarms = AlarmClock()
        var isOpen = true
        /// The driver has been woken, and has not looked yet.
        var isAwaited = false

        /// Whether the driver has to be woken for what was just put in.
        mutating func wakes() -> Bool {
            defer { isAwaited = true }
            return !isAwaited
        }
    }

    /// New calls per turn, and sockets that have something to say: a TLS handshake takes half a millisecond, and a thousand at
    /// once would make everybody else on this thread wait for half a second.
    static let admissionsPerTurn = 8
    static let socketsPerTurn = 16

    let options: TransportOptions
    let multi: UnsafeMutableRawPointer
    let sessions: SessionShare
    let inbox = Mutex(Inbox())
    let verified = Mutex<TLSFacts?>(nil)
    private let driver: any TransportDriver
    /// Can be read when a socket of libcurl's has something to say.
    package let descriptor: CInt

    var waiting = CallQueue()
    var active: [UnsafeMutableRawPointer: (easy: EasyHandle, call: Call)] = [:]
    let deadAddresses = DeadAddresses()
    /// When libcurl wants to be called, whatever comes in.
    var timer: ContinuousClock.Instant?
    /// Calls that may be waiting for a connection to stand, and when to look after them.
    var unsent: Set<UnsafeMutableRawPointer> = []
    var nextKnock: ContinuousClock.Instant?
    /// The kernel would not watch a socket, for lack of memory: libcurl is called again and again.
    var isBlind = false
    /// It has been shut down, and needs no thread any more.
    package var isOver = false

    // Once per process; libcurl and OpenSSL keep what they need until the process ends.
    private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK

    init(_ options: TransportOptions, _ driver: any TransportDriver) throws(DuoError) {
        guard Self.libraryIsReady, let sessions = SessionShare(), let multi = curl_multi_init() else {
            throw .local(.curl(code: Int(CURLE_FAILED_INIT.rawValue)))
        }
        self.options = options
        self.multi = multi
        self.sessions = sessions
        self.driver = driver
        descriptor = duet_epoll_create()
        guard descriptor >= 0 else { throw .local(.system(errno: errno)) }
        // As many idle connections as busy ones: a lower cap would throw warm ones away under load. Age ends them.
        for option in [CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_MAXCONNECTS] {
            _ = duet_multi_set_long(multi, option, options.maxConnections)
        }
        // Not retained: libcurl's handle goes before this.
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = duet_multi_set_watcher(multi, watchSocket, context)
        _ = duet_multi_set_timer(multi, setTimer, context)
    }

    deinit {
        tearDown()
        close(descriptor)
    }

    /// On the driver's thread, or when that has ended.
    func tearDown() {
        guard !isOver else { return }
        isOver = true
        _ = duet_multi_set_watcher(multi, nil, nil)
        _ = duet_multi_set_timer(multi, nil, nil)
        curl_multi_cleanup(multi)
    }
}

// From any thread.
extension TransportLoop {
    var verifiedTLS: TLSFacts? { verified.withLock { $0 } }

    func submit(_ call: Call) {
        let (isOpen, wakes) = inbox.withLock { inbox in
            guard inbox.isOpen else { return (false, false) }
            inbox.arrivals.append(call)
            return (true, inbox.wakes())
        }
        if wakes { driver.wake(self) }
        if !isOpen { call.finish(.failure(.shutDown)) }
    }

    /// May come before, while or after the call is submitted.
    func cancel(_ call: Call) {
        call.cancelled.store(true, ordering: .sequentiallyConsistent)
        let wakes = inbox.withLock { inbox in
            guard inbox.isOpen else { return false }
            inbox.cancellations.append(call)
            return inbox.wakes()
        }
        if wakes { driver.wake(self) }
    }

    /// Returns then, or when the task is cancelled.
    func sleep(until end: ContinuousClock.Instant) async {
        let id = inbox.withLock { $0.alarms.newID() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { sleeper in
                let (isAwaited, wakes) = inbox.withLock { inbox in
                    // Under the lock: the handler below has not run yet, or this is true.
                    guard inbox.isOpen, !Task.isCancelled else { return (false, false) }
                    let isFirst = inbox.alarms.next.map { end < $0 } ?? true
                    inbox.alarms.add(id, end, sleeper)
                    return (true, isFirst && inbox.wakes())
                }
                if wakes { driver.wake(self) }
                if !isAwaited { sleeper.resume() }
            }
        } onCancel: {
            inbox.withLock { $0.alarms.remove(id) }?.resume()
        }
    }

    /// Ends every call in progress with `shutDown`, and then the loop.
    package func stop() {
        let wakes = inbox.withLock { inbox in
            guard inbox.isOpen else { return false }
            inbox.isOpen = false
            return inbox.wakes()
        }
        if wakes { driver.wake(self) }
    }
}
