import ArgumentParser
import DuetCommandLine
import DuoAPI
import DuoAdminAPI
import Glibc

/// `duet-admin check`: do the credentials work, and are they of the right kind?
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Test the credentials of a profile. Changes nothing.",
        discussion: "Exit code: 0 all good, 2 something does not work.")

    @OptionGroup var options: DeskOptions

    private struct Item {
        let isGood: Bool
        let name: String
        let text: String
    }

    func validate() throws {
        guard options.account == nil else { throw ValidationError("--account is for other verbs") }
    }

    func run() async throws {
        try await options.reporting {
            let profile = try options.profileInForce()
            var items = [Item(isGood: true, name: "credentials", text: "\(profile.path), profile \(profile.name)")]
            for kind in APIKind.allCases where profile.applications[kind] != nil {
                items.append(await check(kind, try options.desk(profile, kind).admin))
            }
            show(items)
            if items.contains(where: { !$0.isGood }) { try ExitStatus.down.exit() }
        }
    }

    private func check(_ kind: APIKind, _ admin: AdminAPI) async -> Item {
        do throws(AdminError) {
            try await Self.probe(admin, kind)
            return Item(isGood: true, name: kind.title, text: "\(admin.host) accepts the keys")
        } catch {
            var text = error.explanation(host: admin.host, kind: kind)
            if case .duo(.forbidden) = error, let other = await actualKind(of: admin, notOf: kind) {
                text = "these are the keys of an application of type \(other.title): \(kind.title) has keys of its own"
            }
            return Item(isGood: false, name: kind.title, text: text)
        }
    }

    /// Something that every application of the kind may ask.
    private static func probe(_ admin: AdminAPI, _ kind: APIKind) async throws(AdminError) {
        switch kind {
        case .auth: _ = try await admin.send(APICall(.get, "/auth/v2/check"))
        case .admin: _ = try await admin.users(limit: 1)
        case .accounts: _ = try await admin.accounts()
        }
    }

    private func actualKind(of admin: AdminAPI, notOf kind: APIKind) async -> APIKind? {
        for other in APIKind.allCases where other != kind {
            do throws(AdminError) {
                try await Self.probe(admin, other)
                return other
            } catch {
                continue
            }
        }
        return nil
    }

    private func show(_ items: [Item]) {
        guard options.json else {
            return print(Table.text(items.map { [$0.isGood ? "ok" : "fail", $0.name, $0.text] }))
        }
        let list = items.map { item in
            JSONValue.object([
                "result": .string(item.isGood ? "ok" : "fail"), "name": .string(item.name), "text": .string(item.text),
            ])
        }
        print(JSONValue.object(["ok": .bool(items.allSatisfy(\.isGood)), "items": .array(list)]).pretty)
    }
}
