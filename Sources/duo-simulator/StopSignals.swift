import Dispatch
import Glibc

/// Turns signals that end a program into calls, from the moment that `init` returns.
struct StopSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32], _ stop: @escaping @Sendable () -> Void) {
        let registered = DispatchGroup()
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { stop() }
            registered.enter()
            source.setRegistrationHandler { registered.leave() }
            source.resume()
            return source
        }
        // Until its source is registered a signal is lost: so nobody is told before that this program runs.
        registered.wait()
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
