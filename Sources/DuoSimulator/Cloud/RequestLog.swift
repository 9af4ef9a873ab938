/// The latest requests in order of arrival; a ring, so that no load makes it grow.
struct RequestLog: Sendable {
    static let capacity = 10_000
    private var records: [RequestRecord] = []
    /// Number of the oldest record that is kept.
    private var first = 0

    /// - Returns: a number by which to complete the record.
    mutating func append(_ record: RequestRecord) -> Int {
        if records.count >= Self.capacity * 2 { trim() }
        records.append(record)
        return first + records.count - 1
    }

    mutating func update(_ number: Int, _ change: (inout RequestRecord) -> Void) {
        guard records.indices.contains(number - first) else { return }
        change(&records[number - first])
    }

    mutating func removeAll() {
        first += records.count
        records = []
    }

    var latest: [RequestRecord] { records.suffix(Self.capacity) }

    private mutating func trim() {
        let surplus = records.count - Self.capacity
        records.removeFirst(surplus)
        first += surplus
    }
}
