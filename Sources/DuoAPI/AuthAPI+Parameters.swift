import Glibc
import Secrets

// What Duo could only refuse is refused here, before anything is sent.

extension LoginFacts {
    func parameters() throws(DuoError) -> Parameters {
        var parameters = Parameters()
        switch user {
        case .username(let name): parameters.add("username", try checked(name, "username", limit: 1024))
        case .userID(let id):
            guard isOpaqueID(id) else { throw .invalidParameter(name: "user_id", why: "it is not an id of Duo's") }
            parameters.add("user_id", id)
        }
        if let address {
            guard isAddress(address) else {
                throw .invalidParameter(name: "ipaddr", why: "it is neither an IPv4 nor an IPv6 address")
            }
            parameters.add("ipaddr", address)
        }
        if let hostname { parameters.add("hostname", try checked(hostname, "hostname", limit: 255)) }
        return parameters
    }
}

extension DeviceChoice {
    func parameters() throws(DuoError) -> Parameters {
        switch self {
        case .auto: return Parameters([("device", "auto")])
        case .id(let id):
            guard isOpaqueID(id) else { throw .invalidParameter(name: "device", why: "it is not an id of Duo's") }
            return Parameters([("device", id)])
        }
    }
}

extension PushDetails {
    func parameters(_ device: DeviceChoice) throws(DuoError) -> Parameters {
        var parameters = try device.parameters()
        if let type { parameters.add("type", try checked(type, "type", limit: 255)) }
        if let displayUsername {
            parameters.add("display_username", try checked(displayUsername, "display_username", limit: 1024))
        }
        if !info.isEmpty { parameters.add("pushinfo", try encodedInfo()) }
        parameters.add("txid", verified?.text)
        return parameters
    }

    /// A form within the form, in the order given: it is the order on the phone.
    private func encodedInfo() throws(DuoError) -> String {
        var bytes: [UInt8] = []
        for line in info {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            Parameters.percentEncode(line.title.utf8, into: &bytes)
            bytes.append(UInt8(ascii: "="))
            Parameters.percentEncode(line.text.utf8, into: &bytes)
        }
        guard bytes.count < 20_000 else {
            throw .invalidParameter(name: "pushinfo", why: "it must be below 20000 bytes")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension TrustedDevice {
    /// Empty while there is no token.
    func parameters() throws(DuoError) -> Parameters {
        var parameters = Parameters()
        guard let token else { return parameters }
        guard Self.isToken(token) else {
            throw .invalidParameter(name: "trusted_device_token", why: "it is not a token of Duo's")
        }
        parameters.add("trusted_device_token", secret: token)
        return parameters
    }
}

extension Enrollment {
    /// `validFor` in whole seconds; Duo's own choice is a day.
    static func parameters(username: String?, validFor: Duration?) throws(DuoError) -> Parameters {
        var parameters = Parameters()
        if let username { parameters.add("username", try checked(username, "username", limit: 1024)) }
        if let seconds = validFor?.components.seconds {
            guard seconds > 0 else {
                throw .invalidParameter(name: "valid_secs", why: "it must be at least one second")
            }
            parameters.add("valid_secs", "\(seconds)")
        }
        return parameters
    }

    static func statusParameters(userID: String, activationCode: String) throws(DuoError) -> Parameters {
        guard isOpaqueID(userID) else { throw .invalidParameter(name: "user_id", why: "it is not an id of Duo's") }
        guard isCode(activationCode) else {
            throw .invalidParameter(name: "activation_code", why: "it must be 1 to 1024 visible ASCII characters")
        }
        return Parameters([("user_id", userID), ("activation_code", activationCode)])
    }

    static func isCode(_ text: String) -> Bool {
        (1...1024).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension Secret {
    func isVisibleASCII(upTo limit: Int) -> Bool {
        (1...limit).contains(count) && withBytes { $0.allSatisfy { (0x21...0x7E).contains($0) } }
    }
}

private func checked(_ value: String, _ name: String, limit: Int) throws(DuoError) -> String {
    guard !value.isEmpty else { throw .invalidParameter(name: name, why: "it is empty") }
    guard value.utf8.count <= limit else {
        throw .invalidParameter(name: name, why: "it must be at most \(limit) bytes")
    }
    guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
        throw .invalidParameter(name: name, why: "it contains control characters")
    }
    return value
}

private func isAddress(_ text: String) -> Bool {
    var address = in6_addr()  // the larger of the two
    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
}
