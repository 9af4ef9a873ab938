import CBuild
import DuetMemory
import DuetWire
import DuoAPI

extension VersionReport {
    static var daemon: VersionReport {
        let commit = String(cString: duet_build_commit())
        var libraries = LinkedLibraries.versions
        libraries["SQLite"] = Memory.libraryVersion
        return VersionReport(commit: commit.isEmpty ? nil : commit, libraries: libraries)
    }
}
