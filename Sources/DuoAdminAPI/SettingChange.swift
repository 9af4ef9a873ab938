/// A setting, what it is and what it is to be.
package struct SettingChange: Sendable, Equatable {
    package let name: String
    /// Safe to print; nil: not set.
    package let before: String?
    package let after: String

    package init(name: String, before: String?, after: String) {
        (self.name, self.before, self.after) = (name, before, after)
    }
}
