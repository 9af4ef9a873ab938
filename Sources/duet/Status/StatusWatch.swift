import Glibc

/// `duet status --watch`: one look after the other.
struct StatusWatch {
    /// Seconds.
    let interval: Double
    let look: () -> Status.Look

    /// How it was at the last look.
    func run() -> ExitStatus {
        let stop = StopSignals()
        guard let screen = LiveScreen() else { return plain(stop) }
        defer { screen.restore() }
        while true {
            let look = look()
            let lines = look.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            screen.draw(lines + ["", "\(LocalTime.text(Double(time(nil)))), every \(interval) s; q ends it"])
            if screen.isEnded(within: interval, stop) { return look.status }
        }
    }

    /// Where nothing can be drawn over.
    private func plain(_ stop: StopSignals) -> ExitStatus {
        while true {
            let look = look()
            print(look.text + "\n")
            fflush(nil)
            if stop.wait(interval) { return look.status }
        }
    }
}
