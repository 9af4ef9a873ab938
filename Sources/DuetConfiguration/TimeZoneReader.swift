import DuetPolicy
import FoundationEssentials

/// Finds time zones in the system's database. They are read once, with the configuration: the daemon's sandbox and a
/// login's deadline are no place for it.
struct TimeZoneReader {
    let files: SystemFiles

    /// The zone called `name`, or nil.
    func zone(named name: String) -> TimeZoneRules? {
        guard name.utf8.count <= 64, NameForm.letter.holds(for: name.prefix(1)),
            name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ NameForm.zonePart.holds(for: $0) }
            )
        else { return nil }
        if name == "UTC" { return .utc }
        return read(files.timeZones + "/" + name, name: name)
    }

    /// This host's own, or UTC where it has none: tzset(3).
    var local: TimeZoneRules { read(files.localTime, name: nil) ?? .utc }

    private func read(_ path: String, name: String?) -> TimeZoneRules? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return TimeZoneRules(name: name, file: Array(data))
    }
}
