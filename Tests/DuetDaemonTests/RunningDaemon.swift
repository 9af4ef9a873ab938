import DuoSimulator
import FoundationEssentials
import Glibc
import Logging
import NIOConcurrencyHelpers

@testable import DuetDaemon

/// A daemon in this process, on sockets in a folder of its own, with a simulator as its Duo.
struct RunningDaemon {
    let simulator: Simulator
    let loginSocket: String
    let controlSocket: String
    let log: CapturedLog

    /// `users` is a users file of the simulator's; `rules` stands behind the configuration.
    static func with(
        configuration: String? = nil, users: String? = nil, rules: String = "",
        _ body: (RunningDaemon) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/duet-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = SimulatorOptions()
        if let users { options.directory = try DuoSimulator.UserDirectory(json: users) }
        let simulator = try await Simulator.start(options)
        let text =
            configuration ?? """
                [duo]
                integration_key = "\(options.integrationKey)"
                secret_key = "\(options.secretKey)"
                api_host = "\(simulator.apiHost)"
                ca_file = "\(simulator.caFile)"
                \(rules)
                """
        _ = FileManager.default.createFile(atPath: folder + "/duet.toml", contents: Data(text.utf8))
        chmod(folder + "/duet.toml", 0o600)
        let log = CapturedLog()
        let running = RunningDaemon(
            simulator: simulator, loginSocket: folder + "/login.sock", controlSocket: folder + "/control.sock", log: log
        )
        let daemon = Daemon(
            DaemonOptions(
                configurationPath: folder + "/duet.toml", loginSocket: running.loginSocket,
                controlSocket: running.controlSocket, stateFolder: folder + "/state"),
            logger: Logger(label: "test") { _ in log })
        try await withThrowingTaskGroup { group in
            group.addTask { try await daemon.run() }
            group.addTask { try await log.wait(for: "ready") }
            try await group.next()
            try await body(running)
            group.cancelAll()
            try? await group.waitForAll()
        }
        try await simulator.stop()
    }
}

/// Log lines, kept; `wait` until one has come.
struct CapturedLog: LogHandler {
    struct Missing: Error {
        let message: String
    }

    var logLevel: Logger.Level = .debug
    var metadata: Logger.Metadata = [:]
    private let lines = NIOLockedValueBox<[(message: String, metadata: [String: String])]>([])

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).mapValues(\.description)
        lines.withLockedValue { $0.append((event.message.description, metadata)) }
    }

    /// The metadata of all lines with this message so far.
    func all(_ message: String) -> [[String: String]] {
        lines.withLockedValue { $0.filter { $0.message == message }.map(\.metadata) }
    }

    var messages: [String] { lines.withLockedValue { $0.map(\.message) } }

    /// The metadata of the first line with this message, within ten seconds.
    @discardableResult
    func wait(for message: String) async throws -> [String: String] {
        for _ in 0..<1_000 {
            if let line = lines.withLockedValue({ $0.first { $0.message == message } }) { return line.metadata }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Missing(message: message)
    }
}
