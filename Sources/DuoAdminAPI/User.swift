import DuoAPI

/// A user at Duo. Every text is safe to print; `json` is all that Duo said.
package struct User: Sendable {
    package let json: JSONValue
    package let id: String
    package let name: String

    package init(_ json: JSONValue) throws(AdminError) {
        guard case .string(let id)? = json["user_id"], isOpaqueID(id), let name = json["username"]?.text else {
            throw .duo(.malformed(what: "a user without id or name"))
        }
        (self.json, self.id, self.name) = (json, id, name)
    }

    /// In the order of their positions.
    package var aliases: [String] {
        (1...8).compactMap { position in
            let name = "alias\(position)"
            let alias = (json[name] ?? json["aliases"]?[name])?.text ?? json["aliases"]?[name]?.text
            return alias?.isEmpty == true ? nil : alias
        }
    }

    package var realName: String { text("realname") }
    package var email: String { text("email") }
    package var notes: String { text("notes") }
    /// `active`, `bypass`, `disabled`, `locked out` or `pending deletion`.
    package var status: String { text("status") }
    package var lockoutReason: String { text("lockout_reason") }
    package var isEnrolled: Bool { json["is_enrolled"]?.flag ?? false }
    /// Unix seconds.
    package var created: Int64? { json["created"]?.integer }
    package var lastLogin: Int64? { json["last_login"]?.integer }
    package var lastDirectorySync: Int64? { json["last_directory_sync"]?.integer }
    package var groups: [(name: String, status: String)] {
        list("groups").map { ($0["name"]?.text ?? "", $0["status"]?.text ?? "") }
    }
    package var phones: [Phone] { list("phones").compactMap { try? Phone($0) } }
    /// Hardware tokens, by serial number.
    package var tokens: [String] { list("tokens").map { $0["serial"]?.text ?? "" } }
    /// Security keys, passkeys and computers: how many.
    package var otherAuthenticators: Int {
        ["u2ftokens", "webauthncredentials", "desktop_authenticators", "desktoptokens"].reduce(0) {
            $0 + list($1).count
        }
    }

    private func text(_ key: String) -> String { json[key]?.text ?? "" }
    private func list(_ key: String) -> [JSONValue] { json[key]?.array ?? [] }
}
