package import DuoAPI

/// A child account.
package struct Account: Sendable {
    package let json: JSONValue
    package let id: String
    package let name: String
    /// Where its administration is done.
    package let host: APIHost

    init(_ json: JSONValue) throws(AdminError) {
        guard case .string(let id)? = json["account_id"], isOpaqueID(id), let name = json["name"]?.text,
            case .string(let hostname)? = json["api_hostname"], let host = APIHost(hostname)
        else { throw .duo(.malformed(what: "an account without id, name or host")) }
        (self.json, self.id, self.name, self.host) = (json, id, name, host)
    }
}
