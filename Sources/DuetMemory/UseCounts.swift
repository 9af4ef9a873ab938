/// How often decisions have been used whose uses nobody limits. It changes nothing but what `duet cache` shows, so it is written
/// with whatever is written next: a transaction for each use would cost more than all the rest of a remembered login.
struct UseCounts {
    /// After so many uses a transaction is due, so that a file which can no longer be written is met.
    private static let many: Int64 = 256

    private var counts: [Int64: Int64] = [:]
    private var total: Int64 = 0

    var isEmpty: Bool { total == 0 }

    var areMany: Bool { total >= Self.many }

    mutating func add(_ id: Int64) {
        counts[id, default: 0] += 1
        total += 1
    }

    /// Those of decisions that are gone meanwhile are forgotten.
    func write(to database: Database) throws {
        for (id, count) in counts { try database.run(.addUses, [.integer(id), .integer(count)]) }
    }
}
