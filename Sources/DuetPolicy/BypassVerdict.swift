/// What the module answers to its host when Duo is not asked.
package enum BypassVerdict: String, Sendable, CaseIterable {
    /// PAM_SUCCESS. The default.
    case success
    /// PAM_IGNORE: as if the module were not in the stack.
    case ignore
}
