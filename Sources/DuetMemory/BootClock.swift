import Glibc

/// Time since this boot, which no one can set and which goes on while the host sleeps.
package enum BootClock {
    @Sendable package static func now() -> Duration {
        var time = timespec()
        // Sound: it fails only for a clock or an address that does not exist.
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
