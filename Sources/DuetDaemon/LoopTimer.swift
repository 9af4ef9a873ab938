import NIOCore
import NIOPosix

/// Pauses on the event loop whose thread asks for them; elsewhere they are `Task.sleep`, whose timers wake a thread of their own.
enum LoopTimer {
    /// Returns after `time`. Throws when the task is cancelled.
    static func sleep(for time: Duration) async throws {
        guard let loop = MultiThreadedEventLoopGroup.currentEventLoop else { return try await Task.sleep(for: time) }
        let end = FirstResult<Void>()
        let timer = loop.scheduleTask(in: TimeAmount(time)) { end.settle(.success(())) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { end.wait($0) }
        } onCancel: {
            timer.cancel()
            end.settle(.failure(CancellationError()))
        }
    }
}
