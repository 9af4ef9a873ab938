import CCurl
import Glibc

/// HTTPS to Duo over warm connections: libcurl's multi interface, on a thread that somebody has or on one of its own.
///
/// `send` may be called from any task. Cancelling the task closes the connection at once. Letting the transport go
/// shuts it down.
package final class Transport: Sendable {
    let loop: TransportLoop
    /// Nil: it works on somebody else's.
    private let thread: TransportThread?

    /// On `driver`'s thread; nil: on one of its own. Fails only where the host lacks memory or descriptors for that and for
    /// libcurl's handles.
    package init(
        _ options: TransportOptions = TransportOptions(), on driver: (any TransportDriver)? = nil
    ) throws(DuoError) {
        thread = driver == nil ? try TransportThread() : nil
        guard let driver = driver ?? thread else { preconditionFailure("there is one or the other") }
        loop = try TransportLoop(options, driver)
        try driver.drive(loop)
    }

    deinit {
        shutdown()
    }

    /// One request, one answer, whatever its status. libcurl's codes become errors in `EasyHandle.result`.
    ///
    /// A request goes a second time in two cases, within the same deadline: nothing has left this host and addresses
    /// were passed over; or it may be repeated, has left once, and the connection died before an answer began.
    package func send(_ request: Request) async throws(DuoError) -> Response {
        guard request.deadline > .zero else { throw .unreachable(.timedOut(.answer)) }
        let end = ContinuousClock.now + min(request.deadline, Request.longestDeadline)
        var call = Call(request, end: end)
        while true {
            let result = await perform(call)
            guard case .failure(let error) = result, let next = call.secondGo(after: error) else {
                return try result.get()
            }
            call = next
        }
    }

    /// Of the last connection whose certificates were verified, nil before there was one. A connection that resumes an
    /// earlier session verifies nothing anew.
    package var verifiedTLS: TLSFacts? { loop.verifiedTLS }

    private func perform(_ call: Call) async -> Result<Response, DuoError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                call.continuation = continuation
                loop.submit(call)
            }
        } onCancel: {
            loop.cancel(call)
        }
    }

    /// Ends every call in progress with `shutDown` and closes every connection; waits for its own thread (milliseconds), and for
    /// nobody else's. May be called twice.
    package func shutdown() {
        loop.stop()
        thread?.join()
    }
}

extension Call {
    /// Nil: the error stands. Asked when the transport's thread is done with the call.
    fileprivate func secondGo(after error: DuoError) -> Call? {
        guard case .unreachable(let cause) = error, end > .now else { return nil }
        let isAgainAllowed =
            switch cause {
            case .connect, .timedOut, .proxy: passedOver && allDepartures == 0
            case .connectionLost:
                request.delivery == .repeatable && earlierDepartures == 0 && departures == 1 && headerBytes == 0
            case .dns, .serverError: false
            }
        guard isAgainAllowed else { return nil }
        return Call(
            request, end: end, earlierDepartures: allDepartures,
            triesEveryAddress: triesEveryAddress || passedOver)
    }
}
