import FoundationEssentials

/// That an administrator has switched the second factor off for a while. It loses no configuration, and ends by itself.
///
/// 1. MUST hold in the boot in which it was made, until its end by the boot clock, and no longer.
/// 2. MUST NOT be believed from a file that somebody else than root could have written.
/// Held by `SuspensionTests`.
package struct Suspension: Codable, Sendable, Equatable {
    /// `BootID`.
    package var bootID: String
    /// Milliseconds of CLOCK_BOOTTIME.
    package var end: Int64
    /// Who did it, for the log.
    package var by: String

    package static let lengths: ClosedRange<Duration> = .seconds(60) ... .seconds(24 * 3_600)

    package init(bootID: String, end: Int64, by: String) {
        self.bootID = bootID
        self.end = end
        self.by = by
    }
}

/// The file beside the configuration that says so.
package struct SuspensionSwitch: Sendable {
    package enum State: Sendable, Equatable {
        case off
        /// What is left of it.
        case on(Suspension, remaining: Duration)
        /// There is a file that does not hold: why.
        case void(String)
    }

    private let file: SwitchFile

    package init(besideConfiguration configuration: String) {
        file = SwitchFile(path: SwitchFolder.path(of: "suspended", besideConfiguration: configuration))
    }

    /// `now` is the boot clock.
    package func read(bootID: String?, now: Duration) -> State {
        switch file.read() {
        case .missing: return .off
        case .unusable(let why): return .void(why)
        case .text(let text):
            guard let suspension = try? JSONDecoder().decode(Suspension.self, from: Data(text.utf8)) else {
                return .void("\(file.path) is not understood")
            }
            guard let bootID, suspension.bootID == bootID else { return .void("it was made before the last reboot") }
            let remaining = Duration.milliseconds(suspension.end) - now
            guard remaining > .zero else { return .void("it has ended") }
            guard remaining <= Suspension.lengths.upperBound else { return .void("it ends later than any may") }
            return .on(suspension, remaining: remaining)
        }
    }

    package func write(_ suspension: Suspension) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try file.write(String(decoding: try encoder.encode(suspension), as: UTF8.self) + "\n")
    }

    /// False when there was none.
    package func remove() throws -> Bool { try file.remove() }
}
