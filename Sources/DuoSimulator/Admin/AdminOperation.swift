/// Every call of the Admin and Accounts APIs there is; `{}` stands for an id. The first that matches counts.
enum AdminOperation: String, CaseIterable, Sendable {
    case listUsers = "GET /admin/v1/users"
    case createUser = "POST /admin/v1/users"
    case enrollUser = "POST /admin/v1/users/enroll"
    case syncUser = "POST /admin/v1/users/directorysync/{}/syncuser"
    case showUser = "GET /admin/v1/users/{}"
    case updateUser = "POST /admin/v1/users/{}"
    case deleteUser = "DELETE /admin/v1/users/{}"
    case listCodesOfUser = "GET /admin/v1/users/{}/bypass_codes"
    case createCodes = "POST /admin/v1/users/{}/bypass_codes"
    case listPhonesOfUser = "GET /admin/v1/users/{}/phones"
    case associatePhone = "POST /admin/v1/users/{}/phones"
    case dissociatePhone = "DELETE /admin/v1/users/{}/phones/{}"
    case listCodes = "GET /admin/v1/bypass_codes"
    case showCode = "GET /admin/v1/bypass_codes/{}"
    case deleteCode = "DELETE /admin/v1/bypass_codes/{}"
    case listPhones = "GET /admin/v1/phones"
    case createPhone = "POST /admin/v1/phones"
    case showPhone = "GET /admin/v1/phones/{}"
    case updatePhone = "POST /admin/v1/phones/{}"
    case deletePhone = "DELETE /admin/v1/phones/{}"
    case activationURL = "POST /admin/v1/phones/{}/activation_url"
    case smsActivation = "POST /admin/v1/phones/{}/send_sms_activation"
    case smsInstallation = "POST /admin/v1/phones/{}/send_sms_installation"
    case smsPasscodes = "POST /admin/v1/phones/{}/send_sms_passcodes"
    case showSettings = "GET /admin/v1/settings"
    case updateSettings = "POST /admin/v1/settings"
    case listAccounts = "POST /accounts/v1/account/list"
    case createAccount = "POST /accounts/v1/account/create"
    case deleteAccount = "POST /accounts/v1/account/delete"

    /// Applications whose keys may sign it. Those of the Accounts API administer child accounts.
    var kinds: [RequestVerifier.Kind] {
        switch self {
        case .listAccounts, .createAccount, .deleteAccount: [.accounts]
        default: [.admin, .accounts]
        }
    }

    /// nil: the path is of another API.
    static func find(method: String, path: String) throws(APIFailure) -> (operation: Self, ids: [String])? {
        guard path.hasPrefix("/admin/") || path.hasPrefix("/accounts/") else { return nil }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        var isKnown = false
        for operation in allCases {
            let words = operation.rawValue.split(separator: " ")
            let pattern = words[1].split(separator: "/", omittingEmptySubsequences: false)
            guard pattern.count == segments.count,
                zip(pattern, segments).allSatisfy({ $0 == $1 || ($0 == "{}" && !$1.isEmpty) })
            else { continue }
            guard words[0] == method else {
                isKnown = true
                continue
            }
            return (operation, zip(pattern, segments).filter { $0.0 == "{}" }.map { String($0.1) })
        }
        throw isKnown ? .badMethod : .notFound
    }
}
