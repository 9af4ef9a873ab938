import ArgumentParser
import DuoAdminAPI
import Glibc
import QRCode

/// How long an activation is good.
struct ActivationOptions: ParsableArguments {
    @Option(help: "How long it is good: 45m, 8h, 2d.")
    var valid = Life.hours(24)

    @Flag(help: "Say where to get the app, too.")
    var install = false

    func validate() throws {
        guard valid.seconds != 0 else { throw ValidationError("--valid must be at least 1s") }
    }
}

struct PhoneActivationURL: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activation-url", abstract: "Show the address that activates the app on a phone.",
        discussion: "On a terminal as a QR code too. Whoever opens it first has the phone's place.")

    @OptionGroup var argument: PhoneArgument
    @OptionGroup var activation: ActivationOptions
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            let phone = try await desk.explaining { (admin) throws(AdminError) in try await admin.phone(argument.phone)
            }
            let call = { () throws(AdminError) in
                try AdminAPI.deliver(
                    .activationURL, phoneID: phone.id, validSeconds: activation.valid.seconds,
                    installs: activation.install)
            }
            let made = try await desk.change(call, "show an activation of phone \(phone.label) (\(phone.id))") {
                (admin, call) throws(AdminError) in try await admin.activation(call)
            }
            desk.show(made.json, Self.text(made, of: phone))
        }
    }

    private static func text(_ activation: Activation, of phone: Phone) -> String {
        var lines: [String] = []
        if isatty(STDOUT_FILENO) == 1, let code = QRCode(activation.url), code.columns <= columns {
            lines += code.lines
        }
        if let url = activation.installationURL { lines.append("To get the app:  \(url)") }
        lines.append("To activate it:  \(activation.url)")
        let life =
            activation.validSeconds.map { ", within \($0 / 3600 > 0 ? "\($0 / 3600) h" : "\($0 / 60) min")" } ?? ""
        lines.append("Open this on phone \(phone.label)\(life).")
        return lines.joined(separator: "\n")
    }

    private static var columns: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

struct PhoneSMSActivation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sms-activation", abstract: "Send a phone the address that activates the app on it.")

    @OptionGroup var argument: PhoneArgument
    @OptionGroup var activation: ActivationOptions
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            try await desk.deliver(
                .smsActivation, "an SMS with an activation", argument.phone, validSeconds: activation.valid.seconds,
                installs: activation.install)
        }
    }
}

struct PhoneSMSInstallation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sms-installation", abstract: "Send a phone the address where the app is to be had.")

    @OptionGroup var argument: PhoneArgument
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            try await desk.deliver(.smsInstallation, "an SMS for installing the app", argument.phone)
        }
    }
}

struct PhoneSMSPasscodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sms-passcodes", abstract: "Send a phone new passcodes; those it had are no good any more.")

    @OptionGroup var argument: PhoneArgument
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try await options.run { desk in
            try await desk.deliver(.smsPasscodes, "an SMS with passcodes", argument.phone)
        }
    }
}

extension Desk {
    fileprivate func deliver(
        _ delivery: AdminAPI.Delivery, _ what: String, _ name: String, validSeconds: Int? = nil, installs: Bool = false
    ) async throws(Refusal) {
        let phone = try await explaining { (admin) throws(AdminError) in try await admin.phone(name) }
        let json = try await change(
            try AdminAPI.deliver(delivery, phoneID: phone.id, validSeconds: validSeconds, installs: installs),
            "send phone \(phone.label) (\(phone.id)) \(what)")
        show(json, "Duo sends phone \(phone.label) \(what).")
    }
}
