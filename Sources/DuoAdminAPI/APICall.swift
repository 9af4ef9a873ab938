package import DuoAPI

/// One call: what is asked of Duo.
package struct APICall: Sendable {
    package let method: Request.Method
    /// As signed and sent: ASCII, without query.
    package let path: String
    package let parameters: [(name: String, value: String)]

    package init(_ method: Request.Method, _ path: String, _ parameters: [(String, String)] = []) {
        self.method = method
        self.path = path
        self.parameters = parameters.map { (name: $0.0, value: $0.1) }
    }

    /// Whether it may change something: then it leaves this host once, whatever happens.
    package var isWrite: Bool { method != .get && path != "/accounts/v1/account/list" }

    package var kind: APIKind? { APIKind(path: path) }

    /// What Duo could only refuse, or what could change the request's shape, is refused here.
    package func checked() throws(AdminError) -> APICall {
        let isPath =
            path.hasPrefix("/") && path.utf8.count <= 1024
            && path.utf8.allSatisfy { byte in
                switch byte {
                case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E, 0x25: true
                default: false
                }
            }
        // libcurl would take dot segments out of the path after it was signed.
        let hasDots = path.split(separator: "/").contains { [".", ".."].contains($0) }
        guard isPath, !hasDots else {
            throw .invalid(name: "the path", why: "it must be one of Duo's, such as /admin/v1/users, percent-encoded")
        }
        var size = 0
        for (name, value) in parameters {
            guard !name.isEmpty, Printable(name, limit: 256).text == name else {
                throw .invalid(name: "a parameter's name", why: "it is empty, too long or has control characters")
            }
            let isText = value.unicodeScalars.allSatisfy { scalar in
                scalar.properties.generalCategory != .control || (scalar == "\n" && Self.mayHaveLines(name))
            }
            guard isText else { throw .invalid(name: name, why: "it has control characters") }
            size += name.utf8.count + value.utf8.count + 2
        }
        // Percent-encoded three times as long: a request has to stay below what any server takes.
        guard size <= (method.hasBody ? 64 << 10 : 4 << 10) else {
            throw .invalid(name: "the parameters", why: "together they are too long")
        }
        return self
    }

    private static func mayHaveLines(_ name: String) -> Bool {
        name == "notes" || name.hasSuffix("_msg") || name.hasSuffix("_message")
    }
}
