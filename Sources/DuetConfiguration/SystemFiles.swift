/// Files of this host that say what a configuration means here.
package struct SystemFiles: Sendable {
    /// Which fields of GECOS a user may change: login.defs(5), CHFN_RESTRICT.
    package var loginDefinitions: String
    /// The system's time zones.
    package var timeZones: String
    /// This host's own time zone.
    package var localTime: String

    package init(
        loginDefinitions: String = "/etc/login.defs", timeZones: String = "/usr/share/zoneinfo",
        localTime: String = "/etc/localtime"
    ) {
        self.loginDefinitions = loginDefinitions
        self.timeZones = timeZones
        self.localTime = localTime
    }
}
