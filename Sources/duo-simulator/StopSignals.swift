import Dispatch
import Glibc

/// Turns signals that end a program into calls.
struct StopSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32], _ stop: @escaping @Sendable () -> Void) {
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { stop() }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
