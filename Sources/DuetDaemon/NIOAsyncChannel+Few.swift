import NIOCore
import Synchronization

extension NIOAsyncChannel where Outbound == Never {
    typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Serves whoever connects to this listener: `most` of them at once, since each costs a descriptor that a login may need, and
    /// each for `patience` at most. Whoever is one too many is hung up on. Until the listener is closed.
    func serveFew(
        most: Int, patience: Duration, stream: @escaping @Sendable (Inbound) -> Stream,
        _ serve:
            @escaping @Sendable (
                Inbound, NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> Void
    ) async throws {
        let open = Count()
        try await executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    let isOneTooMany = open.value.wrappingAdd(1, ordering: .relaxed).newValue > most
                    group.addTask {
                        await withTaskGroup(of: Void.self) { group in
                            group.addTask {
                                // A channel that is let go without this ends the process.
                                try? await stream(connection).executeThenClose { inbound, outbound in
                                    if !isOneTooMany { try await serve(connection, inbound, outbound) }
                                }
                            }
                            group.addTask { try? await Task.sleep(for: patience) }
                            await group.next()
                            group.cancelAll()
                        }
                        open.value.wrappingSubtract(1, ordering: .relaxed)
                    }
                }
            }
        }
    }
}

private final class Count: Sendable {
    let value = Atomic(0)
}
