/// Whose second factor it is, and so who is counted: not the account they become.
///
/// For su and sudo to root that is the caller, else one user could use up root's pushes for all the others.
package struct Person: Sendable, Hashable {
    package let uid: UInt32
    /// In lower case: Duo takes `Alice` and `alice` for one user, and so must whoever counts.
    package let duoUser: String

    package init(uid: UInt32, duoUser: String) {
        self.uid = uid
        self.duoUser = Self.folded(duoUser)
    }

    /// ASCII letters only, so that it is the same everywhere.
    static func folded(_ duoUser: String) -> String {
        String(decoding: duoUser.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
