import ArgumentParser
import DuoSimulator
import Glibc

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the cloud until SIGTERM or SIGINT.",
        discussion: "Prints one line of JSON when it is ready: port, CA file, control socket and keys.")

    @Option(help: "TCP port on loopback; 0 means any that is free.")
    var port: UInt16 = 0

    @OptionGroup var state: StateOption

    @Option(help: ArgumentHelp("Users, devices and passcodes; without it the built-in ones.", valueName: "file"))
    var users: String?

    @Option(help: "The integration key that logins are accepted from.")
    var integrationKey: String?

    @Option(help: "Its secret key. Others see it in the process list: never a real one.")
    var secretKey: String?

    @Option(help: "Answer pushes and calls without a phone: approve, deny, fraud or ignore.")
    var auto: String?

    @Option(help: ArgumentHelp("Let so much time pass before that.", valueName: "ms"))
    var autoAfter: UInt32 = 0

    @Option(help: ArgumentHelp("Life of a push that nobody answers.", valueName: "seconds"))
    var pushTimeout: UInt16 = 60

    @Option(help: "What a status poll tells of several steps: every-step, one after the other, or latest.")
    var statusPolls = StatusPolls.everyStep

    @Flag(help: "End when standard input ends.")
    var parentWatch = false

    func run() async throws {
        let end = EndOfService(parentWatch: parentWatch)
        let simulator = try await Simulator.start(try options())
        let ready: JSON = [
            "port": .int(simulator.port), "api_host": .string(simulator.apiHost), "ca_file": .string(simulator.caFile),
            "control": .string(simulator.controlPath), "integration_key": .string(simulator.integrationKey),
            "secret_key": .string(simulator.secretKey),
            "admin_integration_key": .string(RequestVerifier.adminIntegrationKey),
            "admin_secret_key": .string(RequestVerifier.adminSecretKey),
            "accounts_integration_key": .string(RequestVerifier.accountsIntegrationKey),
            "accounts_secret_key": .string(RequestVerifier.accountsSecretKey),
        ]
        print(ready.line)
        fflush(nil)
        await end.wait()
        try await simulator.stop()
    }

    private func options() throws -> SimulatorOptions {
        var options = SimulatorOptions()
        options.port = Int(port)
        options.stateDirectory = state.state
        if let users { options.directory = try UserDirectory(file: users) }
        if let integrationKey { options.integrationKey = integrationKey }
        if let secretKey { options.secretKey = secretKey }
        options.pushTimeout = .seconds(Int(pushTimeout))
        options.statusPolls = statusPolls
        if let auto, auto != "ignore" {
            guard let answer = PhoneAnswer(rawValue: auto) else {
                throw ValidationError("--auto \(auto): use approve, deny, fraud or ignore")
            }
            options.auto = (answer, .milliseconds(Int(autoAfter)))
        }
        return options
    }
}

extension StatusPolls: ExpressibleByArgument {}
