/// Whether a login starts with a push (or the rule's `default_factor`) instead of the menu.
package enum Autopush: String, Sendable, CaseIterable {
    /// The menu is asked first. The default.
    case off
    /// `wait` where the host shows progress, `prompt` elsewhere.
    case auto
    /// Sends, shows that it did, and waits.
    case wait
    /// Sends, and asks at once for Enter (once approved) or another answer.
    case prompt
}
