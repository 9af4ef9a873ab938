import DuoAPI

/// How the app on a phone is activated. Whoever has the address can do it.
package struct Activation: Sendable {
    package let json: JSONValue
    /// To be opened on the phone (https).
    package let url: String
    /// Where the app comes from, if that was asked for.
    package let installationURL: String?
    package let validSeconds: Int64?

    init(_ json: JSONValue) throws(AdminError) {
        guard let url = json["activation_url"]?.text, url.hasPrefix("https://") else {
            throw .outcomeUnknown(.malformed(what: "an activation without address"))
        }
        self.json = json
        self.url = url
        installationURL = json["installation_url"]?.text
        validSeconds = json["valid_secs"]?.integer
    }
}
