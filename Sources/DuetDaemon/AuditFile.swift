import FoundationEssentials
import Glibc
import Logging
import NIOPosix
import Synchronization

/// The audit records as lines of JSON in a file, where the configuration names one.
///
/// Written by a thread of its own: a disk that hangs must not take one from the logins. What does not fit the queue is
/// lost, and said.
final class AuditFile: Sendable {
    /// Lines that wait at most.
    private static let most = 1_000

    private struct State {
        var path: String?
        var descriptor: CInt = -1
        /// The last write failed, and that has been said.
        var isFailing = false
        /// The last write left a part of a line behind.
        var isCut = false
    }

    private let state = Mutex(State())
    private let waiting = Atomic(0)
    /// The thread is not woken for a file that is not there.
    private let isWanted = Atomic(false)
    private let threads = NIOThreadPool(numberOfThreads: 1)
    private let logger: Logger
    private let failed: @Sendable () -> Void

    /// `failed` hears of every record that is not in the file.
    init(logger: Logger, failed: @escaping @Sendable () -> Void = {}) {
        self.logger = logger
        self.failed = failed
        threads.start()
    }

    /// Writes into the file at `path` from now on, opened anew; nil: into none.
    func use(_ path: String?) {
        isWanted.store(path != nil, ordering: .relaxed)
        submit { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state = State()
            state.path = path
            // At once, so that a file that cannot be written is said at the start and at a reload.
            guard path != nil else { return }
            self.attempt(&state) { try Self.open(&$0) }
        }
    }

    func write(_ record: AuditRecord) {
        guard isWanted.load(ordering: .relaxed) else { return }
        guard waiting.load(ordering: .relaxed) < Self.most else { return failed() }
        submit { state in
            guard state.path != nil else { return }
            self.attempt(&state) { state in
                try Self.open(&state)
                try Self.append(Self.line(record), &state)
            }
        }
    }

    /// Returns when everything is written.
    func drain() async { try? await threads.runIfActive {} }

    func close() async {
        use(nil)
        await drain()
        try? await threads.shutdownGracefully()
    }

    private func submit(_ work: @escaping @Sendable (inout State) -> Void) {
        waiting.wrappingAdd(1, ordering: .relaxed)
        threads.submit { [self] ticket in
            waiting.wrappingSubtract(1, ordering: .relaxed)
            guard case .active = ticket else { return }
            state.withLock { work(&$0) }
        }
    }

    /// Says a failure once, and its end.
    private func attempt(_ state: inout State, _ work: (inout State) throws -> Void) {
        let path = state.path ?? ""
        do {
            try work(&state)
            if state.isFailing { logger.notice("the audit file is written again", metadata: ["file": "\(path)"]) }
            state.isFailing = false
        } catch {
            failed()
            if !state.isFailing {
                logger.error(
                    "the audit file cannot be written: its records are in the log alone",
                    metadata: ["file": "\(path)", "cause": "\(error)"])
            }
            state.isFailing = true
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let code: CInt
        var description: String { String(cString: strerror(code)) }
    }

    /// A regular file, and no link: the folder is the daemon's own, or root's.
    private static func open(_ state: inout State) throws {
        guard let path = state.path, state.descriptor < 0 else { return }
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        var descriptor = Glibc.open(path, flags)
        if descriptor < 0 && errno == ENOENT {
            descriptor = Glibc.open(path, flags | O_CREAT | O_EXCL, 0o640)
            // Whatever the umask: the folder's group may read it.
            if descriptor >= 0 { fchmod(descriptor, 0o640) }
        }
        guard descriptor >= 0 else { throw Failure(code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            throw Failure(code: EINVAL)
        }
        state.descriptor = descriptor
    }

    /// One write a line: readers never see half of one but after a disk was full.
    private static func append(_ line: [UInt8], _ state: inout State) throws {
        let bytes = state.isCut ? [0x0A] + line : line
        let count = Glibc.write(state.descriptor, bytes, bytes.count)
        guard count == bytes.count else {
            let code = count < 0 ? errno : ENOSPC
            if count > 0 { state.isCut = true }
            throw Failure(code: code)
        }
        state.isCut = false
    }

    private static func line(_ record: AuditRecord) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { time, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(AuditRecord.stamp(time))
        }
        return Array(try encoder.encode(record)) + [0x0A]
    }
}
