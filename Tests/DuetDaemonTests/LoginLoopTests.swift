import DuetLogin
import DuetWire
import Glibc
import Logging
import Synchronization
import Testing

@testable import DuetDaemon

@Suite("The thread of the logins", .timeLimit(.minutes(1)))
struct LoginLoopTests {
    private func with(_ body: (LoginLoop, String) async throws -> Void) async throws {
        let folder = try TestFolder()
        let loop = try LoginLoop.started(in: folder)
        do { try await body(loop, folder.path + "/login.sock") } catch {
            await loop.stop()
            throw error
        }
        await loop.stop()
    }

    @Test("Whatever a task and its children do, they do on the loop's thread, and everything is done")
    func staysThere() async throws {
        try await with { loop, _ in
            let count = await withTaskExecutorPreference(loop) {
                await withTaskGroup(of: Bool.self) { group in
                    // More than one turn takes.
                    for _ in 0..<1_000 {
                        group.addTask {
                            let before = loop.isCurrent
                            await Task.yield()
                            return before && loop.isCurrent
                        }
                    }
                    var count = 0
                    for await wasThere in group where wasThere { count += 1 }
                    return loop.isCurrent ? count : -1
                }
            }
            #expect(count == 1_000)
        }
    }

    @Test("A loop that sleeps is woken, and answers; afterwards it is over")
    func wakes() async throws {
        try await with { loop, _ in
            for _ in 0..<100 {
                try await loop.answers()
                try await Task.sleep(for: .microseconds(100))
            }
        }
    }

    @Test("What can wait is done in its order, soon, also while others come, and all of it before the thread ends")
    func afterwards() async throws {
        let folder = try TestFolder()
        let loop = try LoginLoop.started(in: folder)
        let done = Mutex<[Int]>([])
        let isDone = FirstResult<Void>()
        for number in 0..<1_000 {
            loop.afterwards { done.withLock { $0.append(number) } }
            if number == 999 { loop.afterwards { isDone.settle(.success(())) } }
        }
        // The thread has something to do all the time.
        let busy = Task { while !Task.isCancelled { try await loop.answers() } }
        try await isDone.value {}
        busy.cancel()
        _ = await busy.result
        #expect(done.withLock { $0 } == Array(0..<1_000))
        for number in 1_000..<2_000 { loop.afterwards { done.withLock { $0.append(number) } } }
        await loop.stop()
        #expect(done.withLock { $0 } == Array(0..<2_000))
        loop.afterwards { done.withLock { $0.append(2_000) } }
        #expect(done.withLock { $0.last } == 2_000, "at once")
    }

    @Test("Whoever says nothing is hung up on after five seconds")
    func silent() async throws {
        try await with { _, path in
            let start = ContinuousClock.now
            let peer = try ModulePeer(path: path)
            #expect(try await peer.receive() == nil)
            #expect(ContinuousClock.now - start >= LoginPeer.heartbeat)
        }
    }

    @Test(
        "Who has connected when the loop is to stop may still say who they are; then it is done, and nobody new is heard"
    )
    func lastWords() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/login.sock"
        let loop = try LoginLoop.started(in: folder) { connection in
            connection.finish(Verdict(.deny(.stopping), nonce: connection.begin.nonce, login: "0123456789abcdef"))
        }
        let silent = try ModulePeer(path: path)
        // Whoever comes after it has been served.
        let other = try ModulePeer(path: path)
        try other.send(ModulePeer.begin("alice"))
        #expect(try await other.verdict().verdict != nil)
        let isDone = FirstResult<Void>()
        loop.execute { $0.stop(.seconds(30)) { isDone.settle(.success(())) } }
        try await loop.answers()
        #expect(!isDone.isSettled)
        #expect(throws: ModulePeer.Failure.self) { try ModulePeer(path: path) }
        try silent.send(ModulePeer.begin("bob"))
        #expect(try await silent.verdict().verdict?.reason == "stopping")
        try await isDone.value {}
        await loop.stop()
    }

    @Test("Who says nothing keeps a loop that is to stop no longer than it has said")
    func silentAtTheEnd() async throws {
        let folder = try TestFolder()
        let loop = try LoginLoop.started(in: folder)
        let silent = try ModulePeer(path: folder.path + "/login.sock")
        try await loop.answers()
        let isDone = FirstResult<Void>()
        loop.execute { $0.stop(.milliseconds(300)) { isDone.settle(.success(())) } }
        try await isDone.value {}
        #expect(try await silent.receive() == nil)
        await loop.stop()
    }

    @Test(
        "Who comes while the loop stops waits in a socket that another process holds, such as systemd, and is no trouble"
    )
    func heldByAnother() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/login.sock"
        let listener = try ListeningSocket.path(path).listen(mode: 0o600)
        let held = dup(listener)
        defer { close(held) }
        let log = CapturedLog()
        let loop = try LoginLoop()
        loop.start()
        let desk = LoginPeers.Desk(begun: { $0.hangUp() }, coming: { _ in })
        loop.execute { $0.serve(listener, desk: desk, logger: Logger(label: "test") { _ in log }) }
        let silent = try ModulePeer(path: path)
        // It has been accepted when another, who came later, has been served.
        let other = try ModulePeer(path: path)
        try other.send(ModulePeer.begin("alice"))
        #expect(try await other.receive() == nil)
        loop.execute { $0.stop(.milliseconds(300)) {} }
        try await loop.answers()
        let late = try ModulePeer(path: path)
        #expect(try await silent.receive() == nil)
        #expect(log.messages.isEmpty, "\(log.messages)")
        await loop.stop()
        // Whoever listens next has it.
        let accepted = accept(held, nil, nil)
        #expect(accepted >= 0)
        close(accepted)
        late.hangUp()
    }

    @Test("A login socket that the kernel does not watch at first is tried again")
    func watchedLater() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/login.sock"
        let socket = try ListeningSocket.path(path).listen(mode: 0o600)
        // A plain file, which nobody can watch, takes the socket's place for a while.
        let listener = open("/etc/passwd", O_RDONLY | O_CLOEXEC)
        let log = CapturedLog()
        let loop = try LoginLoop()
        loop.start()
        let desk = LoginPeers.Desk(begun: { $0.hangUp() }, coming: { _ in })
        loop.execute { $0.serve(listener, desk: desk, logger: Logger(label: "test") { _ in log }) }
        _ = try await log.wait(for: "no login can be accepted for now")
        #expect(dup2(socket, listener) == listener)
        close(socket)
        let peer = try ModulePeer(path: path)
        try peer.send(ModulePeer.begin("alice"))
        #expect(try await peer.receive() == nil, "it is heard")
        await loop.stop()
    }

    @Test("What a peer that is gone is sent harms nobody, and its socket is closed once")
    func sendToNobody() throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let socket = PeerSocket(ends[0])
        close(ends[1])
        for _ in 0..<2 { socket.send([1, 2, 3]) }
        #expect(!socket.isClosed)
        for _ in 0..<2 { socket.close() }
        socket.send([1])
        #expect(socket.isClosed)
        #expect(!socket.withDescriptor { _ in true })
    }

    @Test("A peer that does not read what it is sent is hung up on")
    func full() throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let socket = PeerSocket(ends[0])
        for _ in 0..<1_000 { socket.send([UInt8](repeating: 7, count: 4_096)) }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { room.deallocate() }
        #expect(socket.receive(into: room) == 0)
    }
}

extension LoginLoop {
    /// With a login socket in `folder`, where `begun` hears who wants to log in.
    static func started(in folder: TestFolder, begun: @escaping @Sendable (LoginConnection) -> Void = { _ in }) throws
        -> LoginLoop
    {
        let loop = try LoginLoop()
        let listener = try ListeningSocket.path(folder.path + "/login.sock").listen(mode: 0o600)
        let logger = Logger(label: "test") { _ in CapturedLog() }
        let desk = LoginPeers.Desk(begun: begun, coming: { _ in })
        loop.start()
        loop.execute { $0.serve(listener, desk: desk, logger: logger) }
        return loop
    }
}
