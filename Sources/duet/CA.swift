import ArgumentParser
import DuetCommandLine
import DuetConfiguration
import DuoAPI
import FoundationEssentials
import Glibc

/// `duet ca`: which roots may speak for Duo here, and until when.
struct CA: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca",
        abstract: "Show the certificate authorities that may speak for Duo, and when each of them ends.",
        discussion: """
            Those of ca_file in the configuration, or of --file; who ends first comes first. Exit code: 0 all good, \
            1 one ends within 90 days (not with ca_file = "system": the distribution replaces those), 2 there is none.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "A PEM file, in place of the configured one.", completion: .file())
    var file: String?

    @Option(
        name: [.customLong("configuration"), .customLong("config")], help: "The configuration file.",
        completion: .file())
    var path = Configuration.defaultPath

    func run() throws {
        let found: CertificateAuthorities
        let isSystem: Bool
        do {
            (found, isSystem) = try read()
        } catch {
            try Terminal.fail(json: json, what: "down", error.sentence)
            return try ExitStatus.down.exit()
        }
        let report = CAReport(found, now: Int64(time(nil)))
        print(json ? try report.json : report.text)
        if !isSystem, report.endingSoon > 0 { try ExitStatus.degraded.exit() }
    }

    private func read() throws(Failure) -> (CertificateAuthorities, isSystem: Bool) {
        let (file, isSystem) = try choice()
        do {
            return (try CertificateAuthorities(file: file), isSystem)
        } catch {
            throw Failure(sentence: error.explanation(file: file))
        }
    }

    private struct Failure: Error {
        let sentence: String
    }

    /// The file in force, and whether it is the distribution's.
    private func choice() throws(Failure) -> (file: String, isSystem: Bool) {
        if let file { return (file, false) }
        let settings: DuoSettings
        do {
            settings = try Configuration.load(path: path).duo
        } catch {
            throw Failure(sentence: error.report)
        }
        if let file = settings.caFile { return (file, false) }
        guard let file = CertificateAuthorities.systemFile else {
            throw Failure(sentence: "this system's libcurl names no file of authorities: set ca_file")
        }
        return (file, true)
    }
}

/// What `duet ca` found: the same value for people and for machines.
struct CAReport: Encodable {
    struct Authority: Encodable {
        let name: String
        /// `2038-01-17`, UTC.
        let ends: String
        let daysLeft: Int64
        let endsSoon: Bool
        let sha256: String
    }

    let file: String
    /// How many end within 90 days or have ended.
    let endingSoon: Int
    let authorities: [Authority]

    init(_ found: CertificateAuthorities, now: Int64) {
        file = found.file
        let ending = found.ending(now: now)
        endingSoon = ending.count
        authorities = found.all.map { authority in
            Authority(
                name: authority.name, ends: HTTPDate.day(unixTime: authority.expiry),
                daysLeft: (authority.expiry - now) / 86_400, endsSoon: ending.contains(authority),
                sha256: authority.fingerprint)
        }
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        let rows = authorities.map { authority in
            "\(authority.endsSoon ? "warn" : "ok  ")  \(authority.ends)  \(authority.name)"
                + (authority.endsSoon ? ": \(Self.remainder(authority.daysLeft))" : "")
        }
        return ([file] + rows).joined(separator: "\n")
    }

    private static func remainder(_ days: Int64) -> String {
        days < 0 ? "has ended" : "ends in \(days) days; bring a newer bundle before that"
    }
}
