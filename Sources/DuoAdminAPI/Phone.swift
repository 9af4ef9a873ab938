import DuoAPI

/// A phone or tablet at Duo. Every text is safe to print; `json` is all that Duo said.
package struct Phone: Sendable {
    package let json: JSONValue
    package let id: String

    package init(_ json: JSONValue) throws(AdminError) {
        guard case .string(let id)? = json["phone_id"], isOpaqueID(id) else {
            throw .duo(.malformed(what: "a phone without id"))
        }
        (self.json, self.id) = (json, id)
    }

    package var number: String { text("number") }
    package var name: String { text("name") }
    package var lineExtension: String { text("extension") }
    package var type: String { text("type") }
    package var platform: String { text("platform") }
    package var model: String { text("model") }
    package var isActivated: Bool { json["activated"]?.flag ?? false }
    package var capabilities: [String] { (json["capabilities"]?.array ?? []).compactMap(\.text) }
    /// A date as Duo writes it, or Unix seconds.
    package var lastSeen: JSONValue? { json["last_seen"] }
    package var users: [String] { (json["users"]?.array ?? []).compactMap { $0["username"]?.text } }

    /// The number, or what else tells it apart.
    package var label: String { [number, name].first { !$0.isEmpty } ?? id }

    private func text(_ key: String) -> String { json[key]?.text ?? "" }
}
