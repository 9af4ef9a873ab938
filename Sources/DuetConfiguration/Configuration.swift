package import DuetPolicy

/// A configuration file that has been read, checked and understood.
package struct Configuration: Sendable {
    package static let defaultPath = "/etc/duet/duet.toml"

    package let duo: DuoSettings
    /// What every login has to show.
    package let login: Requirement
    /// How pushes name the login and the user.
    package let push: PushWording
}
