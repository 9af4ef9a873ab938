import DuetWire
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import DuetDaemon

@Suite("What systemd is told")
struct ServiceManagerTests {
    @Test("Ready, alive, reloading and stopping are said in systemd's words, each in one datagram")
    func words() async throws {
        let systemd = try NotifySocket()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": systemd.path])
        manager.ready("Deciding logins")
        manager.alive("two\nlines")
        manager.stopping()
        manager.reloading()
        #expect(await systemd.next() == "READY=1\nSTATUS=Deciding logins")
        #expect(await systemd.next() == "WATCHDOG=1\nSTATUS=two lines")
        #expect(await systemd.next() == "STOPPING=1\nSTATUS=Ending the logins in flight")
        let reloading = try #require(await systemd.next())
        #expect(reloading.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*\nSTATUS=Reloading/) != nil)
    }

    @Test(
        "Signs of life are given twice in the time that systemd waits, if it is this process that it waits for",
        arguments: [
            (["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "42"], Duration.seconds(10)),
            (["WATCHDOG_USEC": "20000000"], .seconds(10)), (["WATCHDOG_USEC": "3000000"], .milliseconds(1_500)),
            (["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "43"], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "-1"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func beat(_ environment: [String: String], _ expected: Duration?) {
        #expect(ServiceManager(environment: environment, pid: 42).beat == expected)
    }

    enum Part: CaseIterable { case eventLoop, logins, probe }

    @Test(
        "An event loop, the logins' thread or a probe that hangs gives no sign of life until it answers again",
        arguments: Part.allCases)
    func hanging(_ part: Part) async throws {
        let systemd = try NotifySocket()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "20000"])
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let probe = HangingProbe()
        let folder = try TestFolder()
        let logins = try LoginLoop.started(in: folder)
        let watchdog = Watchdog(
            manager: manager, group: group, logins: logins, status: { "fine" }, probe: { await probe.pass() })
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await watchdog.run() }
            for _ in 0..<3 { #expect(await systemd.next() == "WATCHDOG=1\nSTATUS=fine") }
            let gate = ThreadGate()
            switch part {
            case .eventLoop: group.next().execute { gate.wait() }
            case .logins: logins.execute { _ in gate.wait() }
            case .probe: await probe.close()
            }
            // One that was on its way may still come.
            while await systemd.next(within: 400) != nil {}
            #expect(await systemd.next(within: 400) == nil)
            switch part {
            case .eventLoop, .logins: gate.open()
            case .probe: await probe.open()
            }
            #expect(await systemd.next() == "WATCHDOG=1\nSTATUS=fine")
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        // What was still on its way; then the end.
        var last: String?
        while let message = await systemd.next(within: 100) { last = message }
        #expect(last == "STOPPING=1\nSTATUS=Ending the logins in flight")
        await logins.stop()
        try await group.shutdownGracefully()
    }

    @Test("The status line says what an admin should know first")
    func line() {
        var report = StatusReport(
            health: .healthy, version: "1", pid: 1, uptime: 1, configuration: "/etc/duet/duet.toml", loginsInFlight: 2,
            logins: ["allow": 3, "deny": 1])
        #expect(report.line == "Deciding logins; 2 in flight, 3 of 4 allowed")
        report.health = .degraded
        report.duo = StatusReport.Duo(
            application: "default", apiHost: "h", lastCallSucceeded: false, lastError: "DUET-120 wrong keys")
        report.memoryTrouble = "disk full"
        #expect(
            report.line == "Deciding logins; the last call to Duo (default) failed: DUET-120 wrong keys; "
                + "nothing can be remembered: disk full; 2 in flight, 3 of 4 allowed")
        report.duo?.outage = StatusReport.Outage(age: 3, cause: "DUET-101 no answer")
        #expect(
            report.line.hasPrefix("Deciding logins; Duo (default) does not answer: DUET-101 no answer; nothing can"))
        report.health = .refusing
        report.configurationError = "/etc/duet/duet.toml:3:1: x\n  more"
        #expect(report.line == "Refusing every login: /etc/duet/duet.toml:3:1: x")
    }
}

/// systemd's end: a datagram socket in a folder of its own.
private final class NotifySocket: Sendable {
    let path = "/tmp/duet-notify-\(UInt64.random(in: 0 ... .max))"
    private let descriptor: CInt
    private let threads = NIOThreadPool(numberOfThreads: 1)

    init() throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        let address = try #require(UnixAddress(path))
        let status = address.withPointer { bind(descriptor, $0, $1) }
        try #require(status == 0)
        threads.start()
    }

    deinit {
        close(descriptor)
        unlink(path)
        threads.shutdownGracefully { _ in }
    }

    /// The next message; nil when none comes within `limit` milliseconds.
    func next(within limit: CInt = 30_000) async -> String? {
        try? await threads.runIfActive { [descriptor] in
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, limit) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }
}

/// A probe that can be kept from answering.
private actor HangingProbe {
    private var isOpen = true
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func close() { isOpen = false }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// Keeps one thread waiting until it is opened.
private final class ThreadGate: Sendable {
    private let ends: (read: CInt, write: CInt)

    init() {
        var pair: [CInt] = [-1, -1]
        pipe(&pair)
        ends = (pair[0], pair[1])
    }

    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
    }

    func open() { _ = write(ends.write, "x", 1) }

    deinit {
        close(ends.read)
        close(ends.write)
    }
}
