import CCurl
import CEpoll
import Synchronization

/// libcurl goes on to a host's next address only when it happens to be called (measured with 7.88): so often it is.
private let knocking = Duration.milliseconds(20)

// On the driver's thread.
extension TransportLoop {
    /// Does what there is to do. Returns when the next time comes for that, unless something comes before; nil: there is none.
    package func work() -> ContinuousClock.Instant? {
        guard !isOver else { return nil }
        guard takeIn() else {
            failAll(.shutDown)
            for sleeper in inbox.withLock({ $0.alarms.all() }) { sleeper.resume() }
            tearDown()
            return nil
        }
        admit()
        let worked = letWork()
        handOut()
        if worked != CURLM_OK { failAll(.local(.curl(code: Int(worked.rawValue)))) }
        lookAfterUnsent()
        guard waiting.isEmpty || room == 0 else { return .now }
        return [timer, nextKnock, waiting.end, inbox.withLock { $0.alarms.next }].compactMap { $0 }.min()
    }

    private func lookAfterUnsent() {
        if !unsent.isEmpty { unsent = unsent.filter { active[$0]?.call.departures == 0 } }
        let connects = isBlind || unsent.contains { active[$0]?.call.isConnecting == true }
        nextKnock = connects ? nextKnock ?? .now + knocking : nil
    }

    private var room: Int { max(0, options.maxConnections - active.count) }

    /// False when the transport has been shut down.
    private func takeIn() -> Bool {
        let (arrivals, cancellations, due, isOpen) = inbox.withLock { inbox in
            defer { (inbox.arrivals, inbox.cancellations, inbox.isAwaited) = ([], [], false) }
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
        for call in waiting.take(min(room, Self.admissionsPerTurn)) {
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

    private func letWork() -> CURLMcode {
        var running: CInt = 0
        var count = 0
        let worked = withUnsafeTemporaryAllocation(of: UInt.self, capacity: Self.socketsPerTurn) { sockets in
            count = Int(max(0, duet_epoll_wait(descriptor, sockets.baseAddress, CInt(sockets.count), 0)))
            for index in 0..<count {
                // What it has to say libcurl finds out itself.
                let worked = curl_multi_socket_action(multi, curl_socket_t(sockets[index]), 0, &running)
                guard worked == CURLM_OK else { return worked }
            }
            return CURLM_OK
        }
        guard worked == CURLM_OK else { return worked }
        // A knock is answered by all that have something to say: not while more wait than a turn may take.
        if let nextKnock, nextKnock <= .now, count < Self.socketsPerTurn {
            self.nextKnock = nil
            return duet_multi_go_on(multi, &running)
        }
        guard let timer, timer <= .now else { return worked }
        self.timer = nil
        return curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
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

    fileprivate func watch(_ socket: curl_socket_t, _ what: CInt) {
        switch what {
        // Where it is closed already, the kernel has forgotten it.
        case CURL_POLL_REMOVE: _ = duet_epoll_forget(descriptor, socket)
        case CURL_POLL_IN, CURL_POLL_OUT, CURL_POLL_INOUT:
            let (reads, writes): (CInt, CInt) = (what == CURL_POLL_OUT ? 0 : 1, what == CURL_POLL_IN ? 0 : 1)
            if duet_epoll_want(descriptor, socket, reads, writes) != 0 { isBlind = true }
        default: break
        }
    }
}

private func loop(_ context: UnsafeMutableRawPointer?) -> TransportLoop? {
    // Sound: the loop outlives libcurl's handle (`TransportLoop.tearDown`).
    context.map { Unmanaged<TransportLoop>.fromOpaque($0).takeUnretainedValue() }
}

let watchSocket: curl_socket_callback = { _, socket, what, context, _ in
    loop(context)?.watch(socket, what)
    return 0
}

/// Milliseconds; -1: libcurl waits for its sockets alone.
let setTimer: curl_multi_timer_callback = { _, milliseconds, context in
    loop(context)?.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    return 0
}
