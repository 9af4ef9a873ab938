import CCurl
import Synchronization

/// The body of the transport's thread: takes calls in, lets libcurl work, hands results out.
///
/// `@unchecked Sendable` is sound: `inbox` is locked, `multi` is used by other threads for `curl_multi_wakeup` only
/// (which libcurl allows) and only under that lock while the loop is open; the rest belongs to the thread.
final class TransportLoop: @unchecked Sendable {
    private struct Inbox {
        var arrivals: [Call] = []
        var cancellations: [Call] = []
        var alarms = AlarmClock()
        var isOpen = true
    }

    /// New calls per pass. A pass also answers the handshakes that have come back, at half a millisecond each: a
    /// thousand at once would make a login wait for half a second.
    private static let admissionsPerPass = 32

    private let options: TransportOptions
    private let multi: UnsafeMutableRawPointer
    private let sessions: SessionShare
    private let inbox = Mutex(Inbox())

    private var waiting = CallQueue()
    private var active: [UnsafeMutableRawPointer: (easy: EasyHandle, call: Call)] = [:]
    private let deadAddresses = DeadAddresses()
    /// Calls that may be waiting for a connection to stand.
    private var unsent: Set<UnsafeMutableRawPointer> = []
    private let verified = Mutex<TLSFacts?>(nil)
    private var isTornDown = false

    // Once per process; libcurl and OpenSSL keep what they need until the process ends.
    private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK

    init(_ options: TransportOptions) throws(DuoError) {
        guard Self.libraryIsReady, let sessions = SessionShare(), let multi = curl_multi_init() else {
            throw .local(.curl(code: Int(CURLE_FAILED_INIT.rawValue)))
        }
        self.options = options
        self.multi = multi
        self.sessions = sessions
        // As many idle connections as busy ones: a lower cap would throw warm ones away under load. Age ends them.
        for option in [CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_MAXCONNECTS] {
            _ = duet_multi_set_long(multi, option, options.maxConnections)
        }
    }

    deinit {
        tearDown()
    }
}

// From any thread.
extension TransportLoop {
    var verifiedTLS: TLSFacts? { verified.withLock { $0 } }

    func submit(_ call: Call) {
        let isOpen = inbox.withLock { inbox in
            guard inbox.isOpen else { return false }
            inbox.arrivals.append(call)
            curl_multi_wakeup(multi)
            return true
        }
        if !isOpen { call.finish(.failure(.shutDown)) }
    }

    /// May come before, while or after the call is submitted.
    func cancel(_ call: Call) {
        call.cancelled.store(true, ordering: .sequentiallyConsistent)
        inbox.withLock { inbox in
            guard inbox.isOpen else { return }
            inbox.cancellations.append(call)
            curl_multi_wakeup(multi)
        }
    }

    /// Returns then, or when the task is cancelled.
    func sleep(until end: ContinuousClock.Instant) async {
        let id = inbox.withLock { $0.alarms.newID() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { sleeper in
                let isAwaited = inbox.withLock { inbox in
                    // Under the lock: the handler below has not run yet, or this is true.
                    guard inbox.isOpen, !Task.isCancelled else { return false }
                    let isFirst = inbox.alarms.next.map { end < $0 } ?? true
                    inbox.alarms.add(id, end, sleeper)
                    // Whoever brought a call has woken the thread, and it has not looked yet.
                    if isFirst, inbox.arrivals.isEmpty { curl_multi_wakeup(multi) }
                    return true
                }
                if !isAwaited { sleeper.resume() }
            }
        } onCancel: {
            inbox.withLock { $0.alarms.remove(id) }?.resume()
        }
    }

    func stop() {
        inbox.withLock { inbox in
            guard inbox.isOpen else { return }
            inbox.isOpen = false
            curl_multi_wakeup(multi)
        }
    }
}

// On the transport's thread.
extension TransportLoop {
    func run() {
        while takeIn() {
            admit()
            var running: Int32 = 0
            let worked = curl_multi_perform(multi, &running)
            handOut()
            if worked != CURLM_OK { failAll(.local(.curl(code: Int(worked.rawValue)))) }
            curl_multi_poll(multi, nil, 0, patience(), nil)
        }
        failAll(.shutDown)
        for sleeper in inbox.withLock({ $0.alarms.all() }) { sleeper.resume() }
        tearDown()
    }

    /// Milliseconds. A minute is only a bound: arrivals wake the poll, and libcurl knows its own timeouts; except that
    /// it goes on to a host's next address only when it happens to be called (measured with 7.88).
    private func patience() -> Int32 {
        guard waiting.isEmpty || room == 0 else { return 0 }
        unsent = unsent.filter { active[$0]?.call.departures == 0 }
        let bound = unsent.contains { active[$0]?.call.isConnecting == true } ? 20 : 60_000
        let ends = [waiting.end, inbox.withLock { $0.alarms.next }].compactMap { $0 }
        guard let end = ends.min() else { return Int32(bound) }
        // Rounded up: a moment too early would be looked at in vain.
        return Int32(min(bound, ContinuousClock.now.duration(to: end).milliseconds + 1))
    }

    private var room: Int { max(0, options.maxConnections - active.count) }

    /// False when the transport has been shut down.
    private func takeIn() -> Bool {
        let (arrivals, cancellations, due, isOpen) = inbox.withLock { inbox in
            defer { (inbox.arrivals, inbox.cancellations) = ([], []) }
            let due = inbox.alarms.next == nil ? [] : inbox.alarms.due(.now)
            return (inbox.arrivals, inbox.cancellations, due, inbox.isOpen)
        }
        for sleeper in due { sleeper.resume() }
        waiting.add(arrivals)
        for call in cancellations {
            guard let handle = call.handle, active[handle]?.call === call else { continue }
            // Removing an unfinished transfer closes its connection.
            finish(handle, .failure(.cancelled))
        }
        return isOpen
    }

    private func admit() {
        for call in waiting.take(min(room, Self.admissionsPerPass)) {
            if call.cancelled.load(ordering: .sequentiallyConsistent) {
                call.finish(.failure(.cancelled))
                continue
            }
            do throws(DuoError) {
                let easy = try EasyHandle(call, options, sessions)
                call.deadAddresses = deadAddresses
                if call.triesEveryAddress { deadAddresses.removeAll() }
                guard curl_multi_add_handle(multi, easy.handle) == CURLM_OK else {
                    throw .local(.curl(code: Int(CURLE_OUT_OF_MEMORY.rawValue)))
                }
                call.handle = easy.handle
                active[easy.handle] = (easy, call)
                unsent.insert(easy.handle)
            } catch {
                call.finish(.failure(error))
            }
        }
        if room == 0 { waiting.sweep(now: .now) }
    }

    private func handOut() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            guard let (easy, call) = active[handle] else { continue }
            let result = Self.ofQueued(easy.result(duet_message_result(message), call), call)
            remember(result, call)
            finish(handle, result)
        }
    }

    /// What is left of the time of whoever had to wait says as little about Duo as the wait itself (`CallQueue.sweep`).
    private static func ofQueued(_ result: Result<Response, DuoError>, _ call: Call) -> Result<Response, DuoError> {
        guard call.hadToQueue else { return result }
        switch result {
        case .failure(.unreachable(.timedOut)), .failure(.unreachable(.proxy(.timedOut))):
            return .failure(.local(.connectionLimit))
        case .success, .failure: return result
        }
    }

    private func remember(_ result: Result<Response, DuoError>, _ call: Call) {
        if let tls = call.tls, tls.chainExpiry != nil { verified.withLock { $0 = tls } }
        switch result {
        case .failure(.unreachable(.timedOut(.connect))), .failure(.unreachable(.timedOut(.handshake))),
            .failure(.unreachable(.proxy(.timedOut))):
            for (address, _) in call.tried { deadAddresses.insert(address) }
        case .success, .failure: break
        }
    }

    private func failAll(_ error: DuoError) {
        for handle in Array(active.keys) { finish(handle, .failure(error)) }
        for call in waiting.take(.max) { call.finish(.failure(error)) }
    }

    private func finish(_ handle: UnsafeMutableRawPointer, _ result: Result<Response, DuoError>) {
        guard let (easy, call) = active.removeValue(forKey: handle) else { return }
        // The easy handle is freed with its object, which must not happen before libcurl has let it go.
        withExtendedLifetime(easy) { _ = curl_multi_remove_handle(multi, handle) }
        unsent.remove(handle)
        call.handle = nil
        call.finish(result)
    }

    private func tearDown() {
        guard !isTornDown else { return }
        isTornDown = true
        curl_multi_cleanup(multi)
    }
}
