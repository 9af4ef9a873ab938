import Glibc
import Synchronization

/// The descriptor of one peer's socket, which does not block: closed once, and used by nobody after.
final class PeerSocket: Sendable {
    private static let closed: CInt = -1
    private let descriptor: Mutex<CInt>

    init(_ descriptor: CInt) {
        self.descriptor = Mutex(descriptor)
    }

    deinit { close() }

    var isClosed: Bool { descriptor.withLock { $0 == Self.closed } }

    /// As recv(2); nothing comes any more once it is closed.
    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        descriptor.withLock { descriptor in
            descriptor == Self.closed ? 0 : recv(descriptor, room.baseAddress, room.count, 0)
        }
    }

    /// From any thread. A peer that does not read what it is sent, 200 KB of it, is taken for one that has hung up.
    func send(_ bytes: [UInt8]) {
        descriptor.withLock { descriptor in
            guard descriptor != Self.closed else { return }
            let count = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            // The loop hears of it. Not closed here: only the loop's thread knows who else counts on the descriptor.
            if count != bytes.count { shutdown(descriptor, CInt(SHUT_RDWR)) }
        }
    }

    func close() {
        descriptor.withLock { descriptor in
            if descriptor != Self.closed { Glibc.close(descriptor) }
            descriptor = Self.closed
        }
    }

    /// What `body` says of the descriptor; false when it is closed.
    func withDescriptor(_ body: (CInt) -> Bool) -> Bool {
        descriptor.withLock { $0 != Self.closed && body($0) }
    }
}
