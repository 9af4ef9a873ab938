/// A phone or tablet as the Admin API sees it, with or without users.
struct PhoneRecord: Sendable {
    var id: String
    /// E.164; empty for a tablet.
    var number = ""
    var name = ""
    var lineExtension = ""
    /// `mobile`, as in a request.
    var type = "unknown"
    var platform = "unknown"
    var predelay = ""
    var postdelay = ""
    var isActivated = false
    var passcodesSent = false
    var capabilities: [Device.Capability] = []

    /// The capabilities of a phone that no app was activated on.
    mutating func deriveCapabilities() {
        guard !isActivated else { return }
        switch type {
        case "mobile": capabilities = [.auto, .sms, .phone]
        case "landline": capabilities = [.auto, .phone]
        default: capabilities = number.isEmpty ? [] : [.auto, .phone]
        }
    }

    var device: Device {
        var device = Device(
            id: id, kind: .phone, displayName: "", name: name, number: number, capabilities: capabilities)
        device.displayName = "Phone (\(device.maskedNumber))"
        return device
    }

    init(id: String) { self.id = id }

    /// Of the users file, or made by an enrolment.
    init(_ device: Device) {
        id = device.id
        number = device.number.filter { $0.isNumber || $0 == "+" }
        name = device.name
        type = "mobile"
        isActivated = device.capabilities.contains(.push)
        platform = isActivated ? "apple ios" : "unknown"
        capabilities = device.capabilities
    }
}
