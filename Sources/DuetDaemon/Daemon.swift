import DuetConfiguration
import DuetLogin
import DuetMemory
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
        // A socket that the daemon binds itself is for its owner alone until it has its mode.
        umask(0o077)
        // Duo may hang up while libcurl writes.
        signal(SIGPIPE, SIG_IGN)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = try LoginLoop()
        loop.start()
        let directory = UserDirectory(timer: group.next())
        let registry = LoginRegistry(limits: LoginLimits(descriptors: LoginLimits.raiseDescriptors()))
        let bootID = BootID.current(named: options.environment["DUET_BOOT_ID"])
        let memory = memory(bootID)
        memory.open()
        let store = DecisionStore(memory)
        let switches = Switches(configuration: options.configurationPath, bootID: bootID)
        let metrics = Metrics()
        let trail = AuditLog(system: options.systemLog, metrics: metrics, logger: logger, loop: loop)
        let (ports, port) = AsyncStream.makeStream(
            of: MetricsSettings.Address?.self, bufferingPolicy: .bufferingNewest(1))
        let governor = try Governor(
            path: options.configurationPath, memory: memory,
            lastGood: LastGoodConfiguration(folder: options.stateFolder, bootID: bootID), driver: loop,
            metrics: metrics, logger: logger
        ) { readiness in
            trail.follow(readiness.configuration?.log ?? LogSettings())
            port.yield(readiness.configuration?.metrics.listen)
        }
        let history = LoginHistory()
        let today = Today()
        let desk = ControlDesk(
            governor: governor, registry: registry, history: history, today: today, memory: memory, store: store,
            switches: switches, configuration: options.configurationPath, metrics: metrics, logger: logger)
        let approvals = Approvals { trail.write(AuditRecord($0, time: Date())) }
        let means = LoginMeans(
            directory: directory, switches: switches, store: store, approvals: approvals, host: Self.hostName())
        let session = LoginSession(
            governor: governor, means: means, registry: registry, history: history, today: today, trail: trail)
        let prefetcher = Prefetcher(governor: governor, means: means, logger: logger)
        let sockets = [
            ListeningSocket.named("login", orPath: options.loginSocket, environment: options.environment),
            ListeningSocket.named("control", orPath: options.controlSocket, environment: options.environment),
        ]
        let manager = ServiceManager(environment: options.environment)
        let announce = announcement(of: sockets.count, to: manager) { governor.readiness.line }
        let services: [any Service] = [
            // The first is told last: logins that end with the daemon still have theirs.
            ApprovalService(approvals: approvals, loop: loop),
            LoginServer(
                socket: sockets[0], loop: loop, registry: registry, logger: logger, ready: announce,
                open: { session.open($0, $1) }, serve: { await session.serve($0, $1) },
                prefetch: { await prefetcher.run($0) }),
            ControlServer(socket: sockets[1], group: group, ready: announce) { desk.answer($0, from: $1) },
            MetricsServer(addresses: ports, group: group, logger: logger) { desk.metricsText() },
            governor,
            Reloading(governor: governor, manager: manager),
            // The last is told first that the daemon stops.
            Watchdog(manager: manager, group: group, logins: loop, status: { desk.report().line }) {
                await governor.answers()
            },
        ]
        do { try await run(services) } catch {
            await loop.stop()
            throw error
        }
        await loop.stop()
        await trail.close()
        memory.close()
        await directory.stop()
        try await group.shutdownGracefully()
        logger.notice("stopped")
    }

    private func memory(_ bootID: String?) -> Memory {
        Memory(folder: options.stateFolder, bootID: bootID ?? "") { [logger] event in
            switch event {
            case .failing(let trouble):
                logger.error(
                    "nothing can be remembered: every login is asked, and nobody gets a push",
                    metadata: ["cause": "\(trouble)"])
            case .recovered:
                logger.notice("decisions are remembered again")
            }
        }
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

    /// A function that says "ready" to the log and to systemd when it has been called `count` times.
    private func announcement(
        of count: Int, to manager: ServiceManager, status: @escaping @Sendable () -> String
    ) -> @Sendable () -> Void {
        let waiting = Mutex(count)
        return { [logger] in
            let left = waiting.withLock { waiting in
                waiting -= 1
                return waiting
            }
            guard left == 0 else { return }
            logger.notice("ready", metadata: ["version": "\(DaemonOptions.version)"])
            manager.ready(status())
        }
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
