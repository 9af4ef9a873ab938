import DuetConfiguration
import Logging

/// Where the record of every login goes when it has ended: the host's log, the daemon's own, a file, and the counters.
///
/// 1. MUST NOT be waited for by a verdict: a record is written when the module has its answer, and as long as other logins come
///    at most a millisecond later.
/// 2. MUST be written somewhere as long as standard error can be.
/// 3. MUST be written in the order in which the logins have ended, and before the daemon ends.
/// Held by `AuditLogTests` and test_audit.py.
final class AuditLog: Sendable {
    let metrics: Metrics
    private let system: SystemLog?
    private let file: AuditFile
    private let logger: Logger
    private let loop: LoginLoop

    /// Records are made on the thread of `loop`.
    init(system: SystemLog?, metrics: Metrics, logger: Logger, loop: LoginLoop) {
        self.system = system
        self.metrics = metrics
        self.logger = logger
        self.loop = loop
        file = AuditFile(logger: logger) { metrics.countAuditFailure() }
    }

    func write(_ record: AuditRecord) {
        metrics.count(record)
        loop.afterwards { self.put(record) }
    }

    private func put(_ record: AuditRecord) {
        let text = record.text
        let isTaken = system?.write(record, text) ?? false
        if !isTaken || system?.isStandardError == false { say(record, text) }
        file.write(record)
    }

    private func say(_ record: AuditRecord, _ text: [UInt8]) {
        let level = record.level.ofLogger
        if let handler = logger.handler as? JournalLogHandler, handler.logLevel <= level, handler.metadata.isEmpty {
            // The same line as below, which is made already.
            handler.write(text, level)
        } else {
            logger.log(level: level, "\(record.message)", metadata: record.metadata)
        }
    }

    /// After each reading of the configuration, a refused one too: the file is opened anew, so that whoever rotates it
    /// may have moved it away.
    func follow(_ settings: LogSettings) { file.use(settings.auditFile) }

    /// Returns when everything is written.
    func close() async { await file.close() }
}
