import DuoAPI

extension AdminAPI {
    /// Of a user, with a number, or all.
    package func phones(
        userID: String? = nil, number: String? = nil, limit: Int? = nil,
        progress: @Sendable (Int, Int?) -> Void = { _, _ in }
    ) async throws(AdminError) -> [Phone] {
        var path = "/admin/v1/phones"
        if let userID { path = "/admin/v1/users/\(try Self.segment(userID, "user"))/phones" }
        let filters = number.map { [("number", $0)] } ?? []
        return try await list(path, filters, limit: limit, progress) { (json) throws(AdminError) in try Phone(json) }
    }

    /// By id, else by number.
    package func phone(_ name: String) async throws(AdminError) -> Phone {
        if name.hasPrefix("DP"), isOpaqueID(name) {
            do throws(AdminError) {
                return try Phone(try await send(APICall(.get, "/admin/v1/phones/\(name)")).response)
            } catch {
                guard case .duo(.rejected(404, _, _, _)) = error else { throw error }
                throw .notFound(what: "phone", name: name)
            }
        }
        guard name.contains(where: \.isNumber) else {
            throw .invalid(name: "the phone", why: "give its id (DP…) or its number with its country: +15550100100")
        }
        let found = try await phones(number: name, limit: 2)
        guard let phone = found.first else { throw .notFound(what: "phone", name: name) }
        guard found.count == 1 else { throw .ambiguous(what: "phone", name: name) }
        return phone
    }

    package static func createPhone(_ change: PhoneChange) throws(AdminError) -> APICall {
        APICall(.post, "/admin/v1/phones", try change.parameters())
    }

    package static func deletePhone(_ id: String) throws(AdminError) -> APICall {
        APICall(.delete, "/admin/v1/phones/\(try segment(id, "phone"))")
    }

    package static func associate(phoneID: String, userID: String) throws(AdminError) -> APICall {
        APICall(.post, "/admin/v1/users/\(try segment(userID, "user"))/phones", [("phone_id", phoneID)])
    }

    package static func dissociate(phoneID: String, userID: String) throws(AdminError) -> APICall {
        let phone = try segment(phoneID, "phone")
        return APICall(.delete, "/admin/v1/users/\(try segment(userID, "user"))/phones/\(phone)")
    }

    /// What is sent to a phone, or shown for it.
    package enum Delivery: String, Sendable {
        case activationURL = "activation_url"
        case smsActivation = "send_sms_activation"
        case smsInstallation = "send_sms_installation"
        case smsPasscodes = "send_sms_passcodes"
    }

    /// `validSeconds` and `installs` are for activations.
    package static func deliver(
        _ delivery: Delivery, phoneID: String, validSeconds: Int? = nil, installs: Bool = false
    ) throws(AdminError) -> APICall {
        var parameters: [(String, String)] = []
        switch delivery {
        case .activationURL, .smsActivation:
            if let validSeconds { parameters.append(("valid_secs", "\(validSeconds)")) }
            if installs { parameters.append(("install", "1")) }
        case .smsInstallation, .smsPasscodes: break
        }
        return APICall(.post, "/admin/v1/phones/\(try segment(phoneID, "phone"))/\(delivery.rawValue)", parameters)
    }

    package func activation(_ call: APICall) async throws(AdminError) -> Activation {
        try Activation(try await send(call).response)
    }
}
