/// Faults that are still to happen, by path.
struct FaultPlan: Sendable {
    private var faults: [String: [(fault: Fault, times: Int)]] = [:]

    mutating func add(_ fault: Fault, path: String, times: Int) {
        guard times > 0 else { return }
        faults[path, default: []].append((fault, times))
    }

    mutating func removeAll() { faults = [:] }

    /// The fault that hits a request to `path` now; each is used up in the order it was added.
    mutating func take(_ path: String) -> Fault? {
        guard var queue = faults[path], !queue.isEmpty else { return nil }
        let fault = queue[0].fault
        queue[0].times -= 1
        if queue[0].times == 0 { queue.removeFirst() }
        faults[path] = queue
        return fault
    }
}
