import ArgumentParser
import DuetCommandLine
import DuetConfiguration
import FoundationEssentials
import Glibc

/// `duet disable`: nobody is asked for a second factor, for a while.
struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suspend the second factor for a while.",
        discussion: """
            Every login that the daemon decides is let in, and logged at alert level. It ends by itself, at the latest \
            with the next reboot; duet enable ends it before. No configuration changes. Exit code: 0 done, 1 not \
            confirmed, 2 not done.
            """)

    @Option(name: .customLong("for"), help: "How long: 10m, 2h, at most 24h.")
    var length: String

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(
        name: [.customLong("configuration"), .customLong("config")],
        help: "The configuration file; the switch lies beside it.",
        completion: .file())
    var path = Configuration.defaultPath

    func run() throws {
        guard let duration = DurationText.parse(length), Suspension.lengths.contains(duration) else {
            Terminal.warn("duet: \"\(length)\" is no length: 1m to 24h, as in --for 2h")
            return try ExitStatus.down.exit()
        }
        guard let bootID = BootID.current(named: nil) else {
            Terminal.warn("duet: this system does not say which boot it is: /proc/sys/kernel/random/boot_id")
            return try ExitStatus.down.exit()
        }
        guard yes || Terminal.confirms("Let everybody in without a second factor for \(length)?") else {
            Terminal.warn("duet: nothing was changed; --yes does it without asking")
            return try ExitStatus.degraded.exit()
        }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let end = Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000 + Int64(duration / .milliseconds(1))
        do {
            try SuspensionSwitch(besideConfiguration: path).write(
                Suspension(bootID: bootID, end: end, by: Caller.name))
        } catch {
            Terminal.warn("duet: \(error)")
            return try ExitStatus.down.exit()
        }
        print("Nobody is asked for a second factor for \(length). End it with: duet enable")
    }
}

/// `duet enable`: the second factor is asked for again.
struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a suspension of the second factor.", discussion: "Exit code: 0, or 2 when it could not be ended."
    )

    @Option(
        name: [.customLong("configuration"), .customLong("config")],
        help: "The configuration file; the switch lies beside it.",
        completion: .file())
    var path = Configuration.defaultPath

    func run() throws {
        do {
            let wasThere = try SuspensionSwitch(besideConfiguration: path).remove()
            print(wasThere ? "The second factor is asked for again." : "The second factor was not suspended.")
        } catch {
            Terminal.warn("duet: \(error)")
            try ExitStatus.down.exit()
        }
    }
}
