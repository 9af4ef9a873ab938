import CCurl
import Glibc

/// HTTPS to Duo over warm connections: libcurl's multi interface on one thread of its own.
///
/// `send` may be called from any task. Cancelling the task closes the connection at once. Letting the transport go
/// shuts it down.
package final class Transport: Sendable {
    private let loop: TransportLoop
    private let thread: TransportThread

    /// Fails only where the host lacks memory or descriptors for the thread and its libcurl handles.
    package init(_ options: TransportOptions = TransportOptions()) throws(DuoError) {
        loop = try TransportLoop(options)
        thread = try TransportThread(running: loop)
    }

    deinit {
        shutdown()
    }

    /// One request, one answer, whatever its status. libcurl's codes become errors in `EasyHandle.result`.
    package func send(_ request: Request) async throws(DuoError) -> Response {
        guard request.deadline > .zero else { throw .unreachable(.timedOut(.answer)) }
        let call = Call(request)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                call.continuation = continuation
                loop.submit(call)
            }
        } onCancel: {
            loop.cancel(call)
        }
        return try result.get()
    }

    /// Ends every call in progress with `shutDown`, closes every connection and waits for the thread (milliseconds).
    /// May be called twice.
    package func shutdown() {
        loop.stop()
        thread.join()
    }
}
