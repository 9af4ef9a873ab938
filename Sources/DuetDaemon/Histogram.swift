/// How many durations were how long, as Prometheus counts them.
struct Histogram: Sendable {
    /// Seconds. Duo answers in tenths of one; with a person behind it a call takes up to a minute.
    static let bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    /// By the first bound that a duration did not exceed; those that exceed every bound come last.
    private var counts = [Int](repeating: 0, count: bounds.count + 1)
    private(set) var sum = 0.0

    var count: Int { counts.reduce(0, +) }

    mutating func add(_ duration: Duration) {
        let seconds = max(0, duration / .seconds(1))
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }

    /// For each bound how many did not exceed it.
    var cumulative: [(bound: Double, count: Int)] {
        var total = 0
        return zip(Self.bounds, counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
