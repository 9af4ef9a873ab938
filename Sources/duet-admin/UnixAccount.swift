import DuoAPI
import Glibc

/// What passwd(5) says of somebody's name and address.
struct UnixAccount {
    let realName: String
    let email: String?

    /// nil: there is none.
    init?(_ name: String) {
        guard let entry = getpwnam(name) else { return nil }
        let text = entry.pointee.pw_gecos.map { String(cString: $0) } ?? ""
        let fields = text.split(separator: ",", omittingEmptySubsequences: false).map { Printable(String($0)).text }
        // In this field & stands for the name of the account, capitalised.
        realName = (fields.first ?? "").replacing("&", with: name.prefix(1).uppercased() + name.dropFirst())
        email = fields.dropFirst().first { $0.contains("@") && !$0.contains(" ") }
    }
}
