import DuetConfiguration
import DuetMemory
import DuoAPI
import Glibc
import Logging
import ServiceLifecycle
import Synchronization

/// Holds the configuration that is in force, replaces it, and watches over its way to Duo.
///
/// 1. A file that does not stand MUST NOT replace a configuration that does.
/// 2. A login MUST finish under the configuration that it began with.
/// 3. Without a configuration of this boot that stands, every login MUST be refused.
/// Held by `ReloadTests` and test_policy.py.
final class Governor: Service, Sendable {
    private let path: String
    private let memory: Memory
    private let lastGood: LastGoodConfiguration
    private let driver: any TransportDriver
    private let metrics: Metrics
    private let logger: Logger
    /// Hears what is in force after every reading of the file, a refused one too.
    private let settled: @Sendable (Readiness) -> Void
    private let state: Mutex<Readiness>
    /// Why the last reload was refused; nil after one that was not.
    private let refusal = Mutex<ConfigurationError?>(nil)
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(
        path: String, memory: Memory, lastGood: LastGoodConfiguration, driver: any TransportDriver, metrics: Metrics,
        logger: Logger, settled: @escaping @Sendable (Readiness) -> Void
    ) throws(DuoError) {
        self.path = path
        self.memory = memory
        self.lastGood = lastGood
        self.driver = driver
        self.metrics = metrics
        self.logger = logger
        self.settled = settled
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = Mutex(
            try Self.start(
                path: path, memory: memory, lastGood: lastGood, driver: driver, metrics: metrics, logger: logger))
        settled(readiness)
    }

    var readiness: Readiness { state.withLock { $0 } }
    var lastRefusal: ConfigurationError? { refusal.withLock { $0 } }

    /// Reads the file anew. Throws what is wrong with it, and then nothing has changed.
    func reload() throws {
        defer { settled(readiness) }
        do {
            let active = try ActiveConfiguration(
                try Configuration.load(path: path), memory: memory, on: driver, metrics: metrics, logger: logger)
            lastGood.keep(path)
            state.withLock { $0 = .ready(active) }
            refusal.withLock { $0 = nil }
            changed.yield()
            Self.tell(active.configuration.warnings, path, logger)
            logger.notice("the configuration was read again", metadata: ["policy": "\(active.fingerprint)"])
        } catch let error as ConfigurationError {
            refusal.withLock { $0 = error }
            logger.error(
                "the configuration has errors: the one before stays in force", metadata: ["error": "\(error.summary)"])
            throw error
        }
    }

    /// Watches over Duo, under one configuration after the other.
    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                await withDiscardingTaskGroup { group in
                    if case .ready(let active) = readiness {
                        for connection in active.applications.values {
                            group.addTask { [logger] in await DuoWatch(connection: connection, logger: logger).run() }
                            group.addTask { await DuoKeepalive(connection: connection).run() }
                        }
                    }
                    for await _ in changes { break }
                    group.cancelAll()
                }
            }
        }
    }

    private static func start(
        path: String, memory: Memory, lastGood: LastGoodConfiguration, driver: any TransportDriver, metrics: Metrics,
        logger: Logger
    ) throws(DuoError) -> Readiness {
        let error: ConfigurationError
        do {
            let configuration = try Configuration.load(path: path)
            lastGood.keep(path)
            tell(configuration.warnings, path, logger)
            return .ready(
                try ActiveConfiguration(configuration, memory: memory, on: driver, metrics: metrics, logger: logger))
        } catch let failure as DuoError {
            throw failure
        } catch let failure as ConfigurationError {
            error = failure
        } catch {
            preconditionFailure("Configuration.load throws nothing else")
        }
        if let configuration = lastGood.load() {
            logger.critical(
                "the configuration has errors: the last good one of this boot is in force",
                metadata: ["error": "\(error.summary)"])
            return .ready(
                try ActiveConfiguration(
                    configuration, memory: memory, stale: error, on: driver, metrics: metrics, logger: logger))
        }
        logger.critical(
            "every login is refused: the configuration has errors", metadata: ["error": "\(error.summary)"])
        return .refusing(error)
    }

    private static func tell(_ warnings: [Problem], _ path: String, _ logger: Logger) {
        for warning in warnings {
            let place = warning.position.map { "\(path):\($0.line):\($0.column)" } ?? path
            logger.warning(
                "the configuration has a warning", metadata: ["at": "\(place)", "says": "\(warning.message)"])
        }
    }
}
