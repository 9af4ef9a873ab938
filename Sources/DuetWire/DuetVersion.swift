/// What daemon and CLI say of themselves. The wire has a version of its own: `Frame.version`.
package enum DuetVersion {
    package static let current = "0.1.0"
}
