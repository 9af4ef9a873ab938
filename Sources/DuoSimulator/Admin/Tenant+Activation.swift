import FoundationEssentials

/// What is sent to a phone: /admin/v1/phones/{}/…
extension Tenant {
    func activation(_ index: Int, _ parameters: Parameters, apiHost: String) throws(APIFailure) -> JSON {
        let phone = phones[index]
        guard phone.type != "unknown", phone.platform != "unknown" else {
            throw .invalid("type or platform is unknown")
        }
        let key = Identifier.make("", from: Identifier.transaction())
        let code = "duo://\(key)-\(Data(apiHost.utf8).base64EncodedString().filter { $0 != "=" })"
        var answer: [String: JSON] = [
            "activation_url": .string("https://\(apiHost)/activate/\(key)"),
            "activation_barcode": .string("https://\(apiHost)/frame/qr?value=\(Parameters.encoded(code))"),
            "valid_secs": .int(parameters["valid_secs"].flatMap { Int($0) } ?? 86_400),
        ]
        if parameters["install"] == "1" { answer["installation_url"] = .string("https://\(apiHost)/install") }
        return .object(answer)
    }

    func smsActivation(_ index: Int, _ parameters: Parameters, apiHost: String) throws(APIFailure) -> JSON {
        let url = try activation(index, parameters, apiHost: apiHost)
        let text = try message(parameters, "activation_msg", with: "<acturl>")
        var answer: [String: JSON] = [
            "activation_barcode": url["activation_barcode"] ?? .null, "valid_secs": url["valid_secs"] ?? .null,
            "activation_msg": .string(text.replacing("<acturl>", with: url["activation_url"]?.string ?? "")),
        ]
        if parameters["install"] == "1" {
            answer["installation_msg"] = .string(try message(parameters, "installation_msg", with: "<insturl>"))
        } else if parameters["installation_msg"] != nil {
            throw .invalid("installation_msg without install")
        }
        return .object(answer)
    }

    func smsInstallation(_ index: Int, _ parameters: Parameters) throws(APIFailure) -> JSON {
        guard phones[index].type == "mobile", phones[index].platform != "unknown" else {
            throw .invalid("type or platform is unknown")
        }
        return ["installation_msg": .string(try message(parameters, "installation_msg", with: "<insturl>"))]
    }

    mutating func smsPasscodes(_ index: Int) throws(APIFailure) {
        guard phones[index].capabilities.contains(.sms) else { throw .invalid("the phone takes no SMS") }
        phones[index].passcodesSent = true
        for user in directory.users where user.devices.contains(where: { $0.id == phones[index].id }) {
            accounts[user.id, default: .init()].sendSMS(count: directory.smsBatch)
        }
    }

    private func message(
        _ parameters: Parameters, _ name: String, with placeholder: String
    ) throws(APIFailure) -> String {
        let message = parameters[name] ?? "Open this on your phone: \(placeholder)"
        guard message.contains(placeholder), message.count <= 160 else { throw .invalid(name) }
        return message
    }
}
