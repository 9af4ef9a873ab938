import CEpoll
import DuetWire
import Glibc
import Logging

/// The login socket and all who have connected to it. On the thread of its `LoginLoop` alone.
final class LoginPeers {
    /// Where to go with what peers say.
    struct Desk: Sendable {
        /// Someone wants to log in; called on the loop's thread, and must not block.
        let begun: @Sendable (LoginConnection) -> Void
        /// Someone is said to be coming.
        let coming: @Sendable (Begin) -> Void
    }

    /// The number under which the loop itself is woken.
    static let wakeUp: UInt64 = 1
    private static let listening: UInt64 = 0
    /// Of one turn.
    private static let mostEvents = 64
    /// More than the longest frame.
    private static let roomSize = 1 << 14
    /// Peers are not looked at more often than this for what is due.
    private static let rest = Duration.milliseconds(100)
    /// Of lines that say that nobody can be accepted.
    private static let reportInterval = Duration.seconds(60)

    private let epoll: CInt
    private let loop: LoginLoop
    private var desk = Desk(begun: { _ in }, coming: { _ in })
    private var logger = Logger(label: "duetd")
    private var listener: CInt = -1
    private var peers: [UInt64: LoginPeer] = [:]
    private var lastNumber = LoginPeers.wakeUp
    /// When the next of them is due; nil: nobody is waited for.
    private var nextLook: ContinuousClock.Instant?
    private var lastWords: (end: ContinuousClock.Instant, done: @Sendable () -> Void)?
    private var isPaused = false
    private var lastReport: ContinuousClock.Instant?
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: roomSize, alignment: 16)
    private let events = UnsafeMutablePointer<UInt>.allocate(capacity: mostEvents)
    let transports: LoginTransports
    private(set) var isOver = false

    init(epoll: CInt, loop: LoginLoop) {
        self.epoll = epoll
        self.loop = loop
        transports = LoginTransports(epoll: epoll)
    }

    deinit {
        room.deallocate()
        events.deallocate()
    }

    /// How long to wait for what comes, in milliseconds; -1: for ever.
    var patience: CInt {
        let next = [nextLook, transports.due].compactMap { $0 }.min()
        guard let next else { return -1 }
        let left = (next - .now) / .milliseconds(1)
        return CInt(max(0, min(left.rounded(.up), 60_000)))
    }

    /// Waits for what comes. How much has come, to be taken.
    func wait(_ patience: CInt) -> Int {
        Int(max(0, duet_epoll_wait(epoll, events, CInt(Self.mostEvents), patience)))
    }

    /// Takes what has come, and looks at what is due.
    func take(_ count: Int) {
        for index in 0..<count {
            switch UInt64(events[index]) {
            case Self.listening: accept()
            case Self.wakeUp: break
            case let number where LoginTransports.isOne(number): transports.work(number)
            case let number: peers[number].map { read($0) }
            }
        }
        if let nextLook, nextLook <= .now { look() }
        transports.workIfDue()
    }

    /// Takes whoever comes. `listener` does not block; it is closed by `stop` and `hangUp`.
    func serve(_ listener: CInt, desk: Desk, logger: Logger) {
        self.listener = listener
        self.desk = desk
        self.logger = logger
        listen()
    }

    /// Takes nobody any more. Whoever has connected may still say, for `patience`, who they are; then calls `done`.
    func stop(_ patience: Duration, done: @escaping @Sendable () -> Void) {
        stopListening()
        lastWords = (.now + patience, done)
        look()
    }

    /// Hangs up on everybody, and takes nobody any more.
    func hangUp() {
        stopListening()
        for peer in peers.values { peer.end(.abandoned) }
        peers = [:]
    }

    /// The end of the loop.
    func end() {
        hangUp()
        transports.end()
        isOver = true
    }

    /// A login is over, and its socket closed.
    func forget(_ number: UInt64) {
        peers[number] = nil
        if lastWords != nil { look() }
    }

    /// Somebody is due earlier than was said.
    func look(by time: ContinuousClock.Instant) {
        nextLook = min(nextLook ?? time, time)
    }

    // MARK: - Connections

    private func listen() {
        // Tried again: a daemon that listens no more would look alive, and keep everybody out.
        if duet_epoll_watch(epoll, listener, UInt(Self.listening), 0) != 0 { pause(errno) }
    }

    private func stopListening() {
        guard listener >= 0 else { return }
        // To close it is not enough where systemd holds it too: the kernel would go on telling of whoever comes.
        duet_epoll_forget(epoll, listener)
        close(listener)
        listener = -1
    }

    private func accept() {
        // One for each turn: to see that nobody else has come would cost as much as to be told that somebody has.
        let descriptor = duet_accept(listener)
        guard descriptor >= 0 else {
            switch errno {
            case EINTR, ECONNABORTED, EAGAIN: return
            default: return pause(errno)
            }
        }
        let socket = PeerSocket(descriptor)
        let uid = duet_peer_uid(descriptor)
        guard uid == 0 else { return logger.debug("login refused: the peer is not root", metadata: ["uid": "\(uid)"]) }
        admit(socket)
    }

    /// No descriptors, no memory: to try again at once would be all that this thread does.
    private func pause(_ error: CInt) {
        let now = ContinuousClock.now
        if lastReport.map({ now - $0 >= Self.reportInterval }) ?? true {
            lastReport = now
            logger.error("no login can be accepted for now", metadata: ["cause": "\(String(cString: strerror(error)))"])
        }
        duet_epoll_forget(epoll, listener)
        isPaused = true
        look(by: now + Self.rest)
    }

    private func admit(_ socket: PeerSocket) {
        lastNumber += 1
        let peer = LoginPeer(lastNumber, socket, loop)
        // Most have said at once who they are, and many get their verdict at once: then there is nothing to watch.
        read(peer)
        guard !socket.isClosed else { return }
        let isWatched = socket.withDescriptor { duet_epoll_watch(epoll, $0, UInt(peer.number), 0) == 0 }
        guard isWatched else { return peer.end(.abandoned) }
        peers[peer.number] = peer
        look(by: peer.due)
    }

    private func read(_ peer: LoginPeer) {
        let count = peer.socket.receive(into: room)
        if count > 0 {
            peer.take(UnsafeRawBufferPointer(rebasing: room[..<count]), desk)
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            peer.end(.abandoned)
        }
        if peer.socket.isClosed { forget(peer.number) }
    }

    /// Looks at everybody for what is due.
    private func look() {
        let now = ContinuousClock.now
        nextLook = nil
        if isPaused && listener >= 0 {
            isPaused = false
            listen()
        }
        var closed: [UInt64] = []
        for (number, peer) in peers {
            if peer.due <= now { peer.look(now) }
            if peer.socket.isClosed { closed.append(number) } else { look(by: max(peer.due, now + Self.rest)) }
        }
        for number in closed { peers[number] = nil }
        guard let lastWords else { return }
        if now >= lastWords.end || !peers.values.contains(where: \.isNew) {
            self.lastWords = nil
            for peer in peers.values where peer.isNew { peer.end(.abandoned) }
            lastWords.done()
        } else {
            look(by: lastWords.end)
        }
    }
}
