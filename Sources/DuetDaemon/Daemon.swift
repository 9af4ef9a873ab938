import DuetConfiguration
import DuetLogin
import DuetWire
import DuoAPI
import FoundationEssentials
import Glibc
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Puts the daemon's parts together and runs them until SIGTERM or SIGINT.
package struct Daemon: Sendable {
    /// How long logins in flight get to be told that the daemon stops.
    private static let farewell = Duration.seconds(5)

    private let options: DaemonOptions
    private let logger: Logger

    package init(_ options: DaemonOptions, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Throws what keeps the daemon from listening. A configuration that does not stand is no such thing.
    package func run() async throws {
        // A socket that the daemon binds is for its owner alone until it has its mode.
        umask(0o077)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let directory = UserDirectory(timer: group.next())
        let (readiness, transport) = try ready()
        let registry = LoginRegistry(limits: LoginLimits(descriptors: LoginLimits.raiseDescriptors()))
        let contact = DuoContact()
        let status = StatusBuilder(
            readiness: readiness, registry: registry, contact: contact, configuration: options.configurationPath)
        let session = LoginSession(
            readiness: readiness, directory: directory, registry: registry, contact: contact, host: Self.hostName(),
            logger: logger)
        let sockets = [
            ListeningSocket.named("login", orPath: options.loginSocket, environment: options.environment),
            ListeningSocket.named("control", orPath: options.controlSocket, environment: options.environment),
        ]
        let announce = announcement(of: sockets.count)
        var services: [any Service] = [
            LoginServer(socket: sockets[0], group: group, registry: registry, logger: logger, ready: announce) {
                await session.run($0)
            },
            ControlServer(socket: sockets[1], group: group, ready: announce) { status.answer($0) },
        ]
        if case .ready(let application, _, _) = readiness {
            services.append(DuoWatch(application: application, contact: contact, logger: logger))
        }
        try await run(services)
        transport?.shutdown()
        await directory.stop()
        try await group.shutdownGracefully()
        logger.notice("stopped")
    }

    private func run(_ services: [any Service]) async throws {
        // What the service group says of itself is of no use to an admin.
        var quiet = logger
        quiet.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = Self.farewell
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Reads the configuration; what is wrong with it becomes what every login is refused with.
    private func ready() throws -> (Readiness, Transport?) {
        let configuration: Configuration
        do {
            configuration = try Configuration.load(path: options.configurationPath)
        } catch {
            logger.critical(
                "every login is refused: the configuration has errors", metadata: ["error": "\(error.summary)"])
            return (.refusing(error), nil)
        }
        guard let host = APIHost(configuration.duo.apiHost) else {
            preconditionFailure("Configuration.load checks api_host")
        }
        let transport = try Transport(TransportOptions(configuration.duo))
        let credentials = Credentials(
            integrationKey: configuration.duo.integrationKey, secretKey: configuration.duo.secretKey)
        let clock = DuoClock { Int64(time(nil)) }
        let duo = AuthAPI(host: host, credentials: credentials, transport: transport, clock: clock)
        let application = DuoApplication(
            api: duo, breaker: breaker(duo), preauthTimeout: configuration.duo.preauthTimeout)
        return (.ready(application, configuration.login, configuration.push), transport)
    }

    private func breaker(_ duo: AuthAPI) -> CircuitBreaker {
        CircuitBreaker(
            now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) },
            changed: { [logger] outage in
                guard let outage else { return logger.notice("Duo answers again: logins ask it") }
                let cause = "\(outage.error.code) \(outage.error.explanation(host: duo.host))"
                logger.critical("Duo cannot be reached: logins follow their fail mode", metadata: ["cause": "\(cause)"])
            },
            ping: { (patience) async throws(DuoError) in _ = try await duo.ping(deadline: patience) })
    }

    /// A function that says "ready" to the log and to systemd when it has been called `count` times.
    private func announcement(of count: Int) -> @Sendable () -> Void {
        let waiting = Mutex(count)
        let manager = ServiceManager(environment: options.environment)
        return { [logger] in
            let left = waiting.withLock { waiting in
                waiting -= 1
                return waiting
            }
            guard left == 0 else { return }
            logger.notice("ready", metadata: ["version": "\(DaemonOptions.version)"])
            manager.notify("READY=1\nSTATUS=Deciding logins")
        }
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
