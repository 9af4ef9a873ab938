import Glibc

/// A user of this host under the one name that rules, budgets and Duo see.
struct Account: Sendable, Equatable {
    /// pw_name: `alice`, whether `Alice` or `alice@corp` was typed.
    let name: String
    let uid: uid_t
    let gid: gid_t
    /// pw_gecos.
    let gecos: String
}
