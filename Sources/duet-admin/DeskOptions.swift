import ArgumentParser
import DuetCommandLine
import DuoAPI
import DuoAdminAPI
import Glibc

/// What every verb takes, and how it comes to its Duo.
struct DeskOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        help: "The profile in the file of credentials. Without it: the one that its \"profile\" names, or its only one."
    )
    var profile: String?

    @Option(help: ArgumentHelp("The file of credentials. Without it: ~/.config/duet/admin.toml.", valueName: "file"))
    var credentials: String?

    @Option(
        help: ArgumentHelp(
            "Work on this child account, by name or id, with the keys of the Accounts API.", valueName: "name"))
    var account: String?

    func profileInForce() throws(Refusal) -> Profile {
        try ProfilesFile(path: credentials ?? ProfilesFile.standardPath).profile(named: profile)
    }

    /// Does the verb's work, and ends the program with a sentence and the right code where it fails.
    func run(_ kind: APIKind = .admin, version: SignatureVersion = .v2, _ work: (Desk) async throws -> Void)
        async throws
    {
        try await reporting {
            let profile = try profileInForce()
            guard let account else { return try await work(try desk(profile, kind, version)) }
            guard kind == .admin else {
                throw Refusal(sentence: "--account is for calls of the Admin API: leave it out here")
            }
            let parent = try desk(profile, .accounts, version)
            let child = try await parent.explaining { (admin) throws(AdminError) in try await admin.account(account) }
            try await work(Desk(admin: parent.admin.administration(of: child), json: json, account: child.name))
        }
    }

    func desk(_ profile: Profile, _ kind: APIKind, _ version: SignatureVersion = .v2) throws -> Desk {
        let credentials = try profile.credentials(kind)
        do throws(DuoError) {
            let transport = try Transport(TransportOptions(caFile: profile.caFile, connectTimeout: .seconds(10)))
            let application = SignedAPI(
                host: profile.host, credentials: credentials, transport: transport,
                clock: DuoClock { Int64(time(nil)) }, signatureVersion: version)
            return Desk(admin: AdminAPI(application, kind: kind), json: json, account: nil)
        } catch {
            throw Refusal(sentence: error.explanation(host: profile.host))
        }
    }

    func reporting(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let refusal as Refusal {
            try Terminal.fail(json: json, what: "failed", refusal.sentence, program: "duet-admin")
            try refusal.status.exit()
        }
    }
}
