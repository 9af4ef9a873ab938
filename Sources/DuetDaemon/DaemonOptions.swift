import DuetConfiguration
import DuetWire
import Glibc

/// Where the daemon finds its configuration and listens.
package struct DaemonOptions: Sendable {
    package static let version = DuetVersion.current
    package static let defaultConfigurationPath = Configuration.defaultPath
    package static let defaultLoginSocket = "/run/duet/login.sock"
    package static let defaultControlSocket = "/run/duet/control.sock"

    package let configurationPath: String
    package let loginSocket: String
    package let controlSocket: String
    /// The daemon's own folder: what it remembers. It survives restarts, not reboots.
    package let stateFolder: String
    /// Only what the service manager sets is looked at: LISTEN_*, NOTIFY_SOCKET, WATCHDOG_*,
    /// JOURNAL_STREAM, DUET_BOOT_ID.
    package let environment: [String: String]
    /// Where audit records go besides standard error; nil: nowhere.
    package var systemLog: SystemLog?

    package static let defaultStateFolder = "/run/duetd"

    package init(
        configurationPath: String, loginSocket: String, controlSocket: String,
        stateFolder: String = DaemonOptions.defaultStateFolder
    ) {
        self.stateFolder = stateFolder
        self.configurationPath = configurationPath
        self.loginSocket = loginSocket
        self.controlSocket = controlSocket
        let names = [
            "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
            "JOURNAL_STREAM", "DUET_BOOT_ID",
        ]
        environment = names.reduce(into: [:]) { found, name in
            found[name] = getenv(name).map { String(cString: $0) }
        }
    }
}
