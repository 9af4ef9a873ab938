/// One process of one boot: a pid alone is given to another process sooner or later.
package struct ProcessIdentity: Hashable, Sendable {
    /// Not 0.
    package let pid: UInt32
    /// Clock ticks since boot: field 22 of /proc/PID/stat.
    package let start: UInt64

    package init(pid: UInt32, start: UInt64) {
        self.pid = pid
        self.start = start
    }

    static let size = 12
    /// Pid 1 is everyone's ancestor in the end, so nothing may be bound to it as one.
    static let ancestorPIDs: ClosedRange<UInt32> = 2...UInt32.max
}
