package import DuetPolicy

/// A configuration file that has been read, checked and understood.
package struct Configuration: Sendable {
    package static let defaultPath = "/etc/duet/duet.toml"

    package let duo: DuoSettings
    /// Every Duo application by its name; `duo` is `Requirement.defaultApplication`.
    package let applications: [String: DuoSettings]
    /// The table `[login]`: what a login has to show where its rule does not say otherwise.
    package let login: Requirement
    package let push: PushSettings
    /// Addresses that stand for more than one client: nothing is remembered by a key that comes from one of them.
    package let sharedAddresses: [AddressRange]
    package let log: LogSettings
    package let metrics: MetricsSettings
    /// Which rule a login meets, and how a person is called at Duo.
    package let policy: Policy
    /// What stands and was probably not meant, in the order of the file.
    package let warnings: [Problem]
}
