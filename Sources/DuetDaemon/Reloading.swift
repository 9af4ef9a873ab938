import ServiceLifecycle
import UnixSignals

/// Reads the configuration anew at each SIGHUP.
struct Reloading: Service {
    let governor: Governor
    let manager: ServiceManager

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                manager.reloading()
                // What is wrong with it is in the log and in the status; there is nobody to tell here.
                try? governor.reload()
                manager.ready(governor.readiness.line)
            }
        }
    }
}
