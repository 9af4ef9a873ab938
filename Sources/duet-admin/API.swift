import ArgumentParser
import DuoAPI
import DuoAdminAPI
import Glibc
import Secrets

/// `duet-admin api`: whatever else Duo offers.
struct API: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign and send any call of the Auth, Admin or Accounts API, and print the answer.",
        discussion: "For example: duet-admin api GET /admin/v1/users limit=10")

    @Argument(help: "GET, POST, PUT, PATCH or DELETE.")
    var method: APIMethod

    @Argument(help: "The path, such as /admin/v1/users. It says which keys are used.")
    var path: String

    @Argument(help: ArgumentHelp("Parameters.", valueName: "key=value"))
    var parameters: [Assignment] = []

    @Flag(help: "Print what would be signed, line by line, and send nothing.")
    var dryRun = false

    @Flag(help: "Do not ask. Only DELETE does.")
    var yes = false

    @OptionGroup var options: DeskOptions

    func validate() throws {
        guard APIKind(path: path) != nil else {
            throw ValidationError("the path must begin with /auth/, /admin/ or /accounts/")
        }
        guard Set(parameters.map(\.name)).count == parameters.count else {
            throw ValidationError("a parameter stands twice")
        }
    }

    func run() async throws {
        try await options.run(APIKind(path: path) ?? .admin, version: version) { desk in
            let call = APICall(method.method, path, parameters.map { ($0.name, $0.value) })
            if dryRun {
                let text = try await desk.explaining { (admin) throws(AdminError) in try admin.canonical(call) }
                text.withBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                return print("")
            }
            guard call.isWrite else {
                let answer = try await desk.explaining { (admin) throws(AdminError) in try await admin.send(call) }
                return show(answer)
            }
            if call.method == .delete { try desk.confirm("Send DELETE \(path) to \(desk.admin.host)?", yes: yes) }
            let answer = try await desk.change({ () throws(AdminError) in call }, "call the API") {
                (admin, call) throws(AdminError) in try await admin.send(call)
            }
            show(answer)
        }
    }

    /// The newer endpoints take JSON only.
    private var version: SignatureVersion {
        ["/admin/v1/", "/accounts/v1/", "/auth/v2/"].contains { path.hasPrefix($0) } ? .v2 : .v5
    }

    private func show(_ answer: AdminAPI.Answer) {
        var members = ["response": answer.response]
        members["metadata"] = answer.metadata
        print(JSONValue.object(members).pretty)
    }
}

/// The methods of Duo's calls.
enum APIMethod: String, ExpressibleByArgument, CaseIterable {
    case get, post, put, patch, delete

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    static var allValueStrings: [String] { allCases.map { $0.rawValue.uppercased() } }

    var method: Request.Method {
        switch self {
        case .get: .get
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        }
    }
}
