import DuetLogin
import Glibc

/// How many logins may be in flight at once, so that no unprivileged user can use the daemon up.
///
/// 1. What is over a limit MUST be denied; it MUST NOT look like an unreachable daemon, which `fail=open` might follow.
/// 2. There MUST NOT be a limit per target user: whoever knows the owner's password could keep the owner out with it.
/// 3. Root's own logins MUST find a place when everybody else's are taken.
/// Held by `LoginLimitsTests`.
struct LoginLimits: Sendable, Equatable {
    /// For one user who runs sudo, su and the like; root is not limited.
    var perCaller = 32
    /// From one client address: a bastion with everybody behind it stays below.
    var perAddress = 512
    var total: Int
    /// Of `total`, for logins of root's own: root is the target, and a process of root asks.
    var reservedForRoot = 16

    /// Two descriptors a login, its socket and its connection to Duo; some are kept for pushes whose logins have gone, and
    /// for everything else.
    init(descriptors: Int) {
        total = max(reservedForRoot * 2, (descriptors - 64 - Approvals.mostLeft) / 2)
    }

    /// Raises this process's soft limit of descriptors as far as it may (65,536 is enough), and tells how many there are.
    static func raiseDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            let raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
            if withUnsafePointer(to: raised, { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), $0) }) == 0 {
                return Int(wanted)
            }
        }
        return Int(min(limit.rlim_cur, 65_536))
    }
}
