import DuoAPI

/// What Duo tells of a bypass code: everything but the code.
package struct BypassCode: Sendable {
    package let json: JSONValue
    package let id: String

    package init(_ json: JSONValue) throws(AdminError) {
        guard case .string(let id)? = json["bypass_code_id"], isOpaqueID(id) else {
            throw .duo(.malformed(what: "a bypass code without id"))
        }
        (self.json, self.id) = (json, id)
    }

    package var admin: String { json["admin_email"]?.text ?? "" }
    /// Unix seconds.
    package var created: Int64? { json["created"]?.integer }
    /// nil: never.
    package var expiration: Int64? { json["expiration"]?.integer }
    /// nil: without limit.
    package var usesLeft: Int64? { json["reuse_count"]?.integer }
    package var user: String? { json["user"]?["username"]?.text }
}
