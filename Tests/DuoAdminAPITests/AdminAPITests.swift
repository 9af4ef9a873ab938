import DuoSimulator
import Secrets
import Testing

@testable import DuoAPI
@testable import DuoAdminAPI

@Suite("The Admin API against the simulator")
struct AdminAPITests {
    @Test("A call signs its lines, and for a child account its id", arguments: SignatureVersion.allCases)
    func canonical(version: SignatureVersion) throws {
        let credentials = Credentials(integrationKey: "DIXXXXXXXXXXXXXXXXXX", secretKey: Secret("k"))
        let host = try #require(APIHost("api-1.example.com"))
        let application = SignedAPI(
            host: host, credentials: credentials, transport: try Transport(), clock: DuoClock { 1_345_570_158 },
            signatureVersion: version)
        let child = AdminAPI(application, kind: .accounts, accountID: "DACHILD")
        let read = try child.canonical(APICall(.get, "/admin/v1/users", [("username", "Zoë b")])).text
        let lines = read.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.prefix(5) == [
                "Tue, 21 Aug 2012 17:29:18 -0000", "GET", "api-1.example.com", "/admin/v1/users",
                "account_id=DACHILD&username=Zo%C3%AB%20b",
            ])
        let deletion = try child.canonical(APICall(.delete, "/admin/v1/users/DUX")).text
        #expect(deletion.contains("DELETE\napi-1.example.com\n/admin/v1/users/DUX\naccount_id=DACHILD"))
        let write = try child.canonical(APICall(.post, "/admin/v1/users", [("username", "b")])).text
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(write[4] == (version == .v2 ? "account_id=DACHILD&username=b" : ""))
        #expect(write.count == (version == .v2 ? 5 : 7))
    }

    @Test(
        "Users are made, found, changed and deleted, in both signature versions", arguments: SignatureVersion.allCases)
    func users(version: SignatureVersion) async throws {
        try await withSimulator(version) { _, admin in
            var change = UserChange()
            change.name = "carol"
            change.realName = "Carol & Öz"
            change.aliases = ["c & d", "caz"]
            let made = try User(try await admin.change(AdminAPI.createUser(change)))
            #expect(made.realName == "Carol & Öz" && made.aliases == ["c & d", "caz"])
            for name in ["carol", "CAZ", "c & d", made.id] {
                let found = try await admin.user(name)
                #expect(found.id == made.id)
            }
            var status = UserChange()
            status.status = .bypass
            status.aliases = ["only"]
            let changed = try User(try await admin.change(try AdminAPI.updateUser(made.id, status)))
            #expect(changed.status == "bypass" && changed.aliases == ["only"] && changed.realName == "Carol & Öz")
            for _ in 0..<2 { _ = try await admin.change(try AdminAPI.deleteUser(made.id)) }
            await #expect(throws: AdminError.notFound(what: "user", name: "carol")) { try await admin.user("carol") }
            await #expect(throws: AdminError.notFound(what: "user", name: made.id)) { try await admin.user(made.id) }
        }
    }

    @Test("A list is fetched page by page, to its end or to the limit", arguments: [1, 7, 100])
    func paging(size: Int) async throws {
        try await withSimulator { simulator, admin in
            let all = try await admin.list("/admin/v1/users", pageSize: 300)
            #expect(all.count > 20)
            await simulator.cloud.clearRequests()
            let paged = try await admin.list("/admin/v1/users", pageSize: size)
            #expect(paged == all)
            let pages = await simulator.cloud.requests().count
            #expect(pages == (all.count + size - 1) / size)
            let some = try await admin.list("/admin/v1/users", pageSize: size, limit: 9)
            #expect(some == Array(all.prefix(9)))
        }
    }

    @Test(
        "Pages that do not end are an error",
        arguments: [
            #"{"stat":"OK","response":[],"metadata":{"next_offset":5}}"#,
            #"{"stat":"OK","response":[1],"metadata":{"next_offset":0}}"#,
            #"{"stat":"OK","response":[1],"metadata":{"next_offset":"-1"}}"#, #"{"stat":"OK","response":{}}"#,
        ])
    func endless(body: String) async throws {
        try await withSimulator { simulator, admin in
            await simulator.cloud.setFault(.body(body), path: "/admin/v1/users", times: 1)
            let error = await #expect(throws: AdminError.self) { try await admin.list("/admin/v1/users") }
            guard case .duo(.malformed) = error else { return fail("\(String(describing: error))") }
        }
    }

    @Test("A page of a hundred users with many devices and groups is understood")
    func largePage() async throws {
        try await withSimulator { simulator, admin in
            let group =
                #"{"name":"a group","status":"Active","group_id":"DGXXXXXXXXXXXXXXXXXX","desc":"","push_enabled":true}"#
            let groups = Array(repeating: group, count: 60).joined(separator: ",")
            let users = (0..<100).map { #"{"user_id":"DU\#($0)","username":"u\#($0)","groups":[\#(groups)]}"# }
            let body = #"{"stat":"OK","response":[\#(users.joined(separator: ","))]}"#
            await simulator.cloud.setFault(.body(body), path: "/admin/v1/users", times: 1)
            let found = try await admin.users()
            #expect(found.count == 100 && found.allSatisfy { $0.groups.count == 60 })
        }
    }

    @Test("An offset in quotes leads to the next page")
    func quotedOffset() async throws {
        try await withSimulator { simulator, admin in
            let all = try await admin.list("/admin/v1/users", pageSize: 300)
            let first = #"{"stat":"OK","response":[1],"metadata":{"next_offset":"1","total_objects":2}}"#
            await simulator.cloud.setFault(.body(first), path: "/admin/v1/users", times: 1)
            let list = try await admin.list("/admin/v1/users", pageSize: 300)
            #expect(list == [.integer(1)] + all.dropFirst())
        }
    }

    @Test("Keys of another kind of application are refused with a sentence that names the kind")
    func wrongKind() async throws {
        try await withSimulator { simulator, _ in
            for (kind, keys) in [(APIKind.admin, APIKind.auth), (.accounts, .admin), (.accounts, .auth)] {
                let admin = try AdminAPI(simulator, kind, keysOf: keys)
                let error = await #expect(throws: AdminError.self) {
                    if kind == .admin { _ = try await admin.users() } else { _ = try await admin.accounts() }
                }
                #expect(error == .duo(.forbidden(code: 40301)))
                #expect(error?.explanation(host: admin.host, kind: kind).contains(kind.title) == true)
            }
        }
    }

    @Test("Bypass codes are kept unless that is not wanted, told once, and gone when they are deleted")
    func bypassCodes() async throws {
        try await withSimulator { _, admin in
            let user = try await admin.user("alice")
            let before = try await admin.bypassCodes(userID: user.id).count
            var new = NewBypassCodes(count: 3)
            new.validSeconds = 60
            let codes = try await admin.codes(try AdminAPI.createBypassCodes(userID: user.id, new))
            #expect(codes.count == 3 && Set(codes.map(\.text)).count == 3)
            #expect("\(codes)".contains("redacted") && !"\(codes)".contains(codes[0].text))
            let kept = try await admin.bypassCodes(userID: user.id)
            #expect(kept.count == before + 3)
            new.keepsExisting = false
            new.count = 1
            new.uses = nil
            _ = try await admin.codes(try AdminAPI.createBypassCodes(userID: user.id, new))
            let last = try await admin.bypassCodes(userID: user.id)
            #expect(last.count == 1 && last.first?.usesLeft == nil)
            let id = try #require(last.first?.id)
            let code = try await admin.bypassCode(id)
            #expect(code.user == "alice")
            for _ in 0..<2 { _ = try await admin.change(try AdminAPI.deleteBypassCode(id)) }
            let none = try await admin.bypassCodes(userID: user.id)
            #expect(none.isEmpty)
        }
    }

    @Test("How many codes, how long and how often is checked before anything is sent", arguments: [0, 11, -1])
    func codeRanges(number: Int) {
        #expect(throws: AdminError.self) {
            try AdminAPI.createBypassCodes(userID: "DUX", NewBypassCodes(count: number))
        }
        var codes = NewBypassCodes(count: 1)
        codes.uses = number > 0 ? 2_000_000 : number
        let uses = codes
        #expect(throws: AdminError.self) { try AdminAPI.createBypassCodes(userID: "DUX", uses) }
    }

    @Test("A phone is made, given, found by number, activated, taken and deleted")
    func phones() async throws {
        try await withSimulator { _, admin in
            var change = PhoneChange()
            change.number = "+15550107777"
            change.kind = .mobile
            change.platform = .ios
            let phone = try Phone(try await admin.change(try AdminAPI.createPhone(change)))
            let user = try await admin.user("bob")
            _ = try await admin.change(try AdminAPI.associate(phoneID: phone.id, userID: user.id))
            let found = try await admin.phone("+15550107777")
            #expect(found.id == phone.id && found.users == ["bob"] && !found.isActivated)
            let activation = try await admin.activation(
                try AdminAPI.deliver(.activationURL, phoneID: phone.id, validSeconds: 60, installs: true))
            #expect(activation.validSeconds == 60 && activation.installationURL != nil)
            for delivery in [AdminAPI.Delivery.smsActivation, .smsInstallation, .smsPasscodes] {
                _ = try await admin.change(try AdminAPI.deliver(delivery, phoneID: phone.id))
            }
            _ = try await admin.change(try AdminAPI.dissociate(phoneID: phone.id, userID: user.id))
            let phones = try await admin.phones(userID: user.id).map(\.id)
            #expect(!phones.contains(phone.id))
            for _ in 0..<2 { _ = try await admin.change(try AdminAPI.deletePhone(phone.id)) }
            await #expect(throws: AdminError.notFound(what: "phone", name: phone.id)) {
                try await admin.phone(phone.id)
            }
        }
    }

    @Test("Child accounts are administered on their own host, with the keys of their parent")
    func accounts() async throws {
        try await withSimulator { simulator, admin in
            let parent = try AdminAPI(simulator, .accounts)
            let made = try parent.createdAccount(try await parent.send(AdminAPI.createAccount("Kid")))
            let child = parent.administration(of: try await parent.account("Kid"))
            #expect(child.host == made.host && child.host != parent.host)
            var change = UserChange()
            change.name = "kim"
            _ = try await child.change(AdminAPI.createUser(change))
            let names = try await child.users().map(\.name)
            #expect(names == ["kim"])
            await #expect(throws: AdminError.notFound(what: "user", name: "kim")) { try await admin.user("kim") }
            let astray = AdminAPI(parent.application, kind: .accounts, accountID: made.id)
            await #expect(throws: AdminError.self) { try await astray.users() }
            await #expect(throws: AdminError.self) { try await parent.users() }
            _ = try await parent.change(try AdminAPI.deleteAccount(made.id))
            await #expect(throws: AdminError.notFound(what: "account", name: "Kid")) { try await parent.account("Kid") }
        }
    }

    @Test("Settings that change are found, checked, and sent alone")
    func settings() async throws {
        try await withSimulator { _, admin in
            let current = try await admin.settings()
            let wanted = [(name: "lockout_threshold", value: "5"), (name: "fraud_email_enabled", value: "yes")]
            let changes = try AdminAPI.changes(wanted, current: current)
            #expect(changes == [SettingChange(name: "lockout_threshold", before: "10", after: "5")])
            let after = try await admin.change(AdminAPI.updateSettings(changes))
            #expect(after["lockout_threshold"] == .integer(5))
            // Every setting that Duo documents is one that the simulator has.
            for field in SettingField.all { #expect(current[field.name] != nil, "\(field.name)") }
        }
    }
}
