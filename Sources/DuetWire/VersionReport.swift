/// What a program is made of. What the daemon answers to `version`, as JSON.
package struct VersionReport: Codable, Sendable, Equatable {
    package var version: String
    /// Of docs/protocol.md.
    package var protocolVersion: Int
    /// The commit that it was built from; nil when nobody said so at the build.
    package var commit: String?
    /// Libraries of the system that it runs with, by name.
    package var libraries: [String: String]

    package init(commit: String?, libraries: [String: String]) {
        version = DuetVersion.current
        protocolVersion = Int(Frame.version)
        self.commit = commit
        self.libraries = libraries
    }
}
