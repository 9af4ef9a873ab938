import DuoAPI
import DuoAdminAPI

/// One Duo account, and the keys of its applications.
struct Profile {
    let name: String
    let host: APIHost
    /// Trusted roots, PEM; nil: the system's.
    let caFile: String?
    let applications: [APIKind: Credentials]
    /// Where it is written, for sentences.
    let path: String

    func credentials(_ kind: APIKind) throws(Refusal) -> Credentials {
        guard let credentials = applications[kind] else {
            throw Refusal(
                sentence: "this needs the keys of an application of type \(kind.title): "
                    + "add [\(name).\(kind.rawValue)] with integration_key and secret_key to \(path)")
        }
        return credentials
    }
}
