import NIOCore

/// Sits between the socket and TLS: counts application records and sees whether a handshake resumed a session.
///
/// One record is one write of the client (up to 16 KiB), however TCP cuts it up. It can also end the connection under
/// TLS, with no close_notify, as a crash would.
final class TLSRecordCounter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let applicationData: UInt8 = 23
    private static let handshake: UInt8 = 22

    private var header: [UInt8] = []
    private var bodyLeft = 0
    private var records = 0
    private var serverHello: ServerHello?

    /// Did the server agree to resume an earlier session?
    var resumed: Bool { serverHello?.resumed ?? false }

    /// Application records since the last call. In TLS 1.3 the client's Finished comes disguised as one; call this when
    /// the handshake is complete to leave it out.
    func take() -> Int {
        defer { records = 0 }
        return records
    }

    /// The records that came after the Finished, possibly in the same segment.
    func handshakeCompleted() {
        if serverHello?.isTLS13 ?? false { records = max(0, records - 1) }
    }

    /// Sent down the pipeline, it ends the connection.
    struct Abort: Sendable {}

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Abort else { return context.triggerUserOutboundEvent(event, promise: promise) }
        context.close(mode: .all, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if serverHello == nil { serverHello = ServerHello(record: Array(unwrapOutboundIn(data).readableBytesView)) }
        context.write(data, promise: promise)
    }

    private func count(_ buffer: ByteBuffer) {
        var bytes = buffer.readableBytesView[...]
        while !bytes.isEmpty {
            if bodyLeft > 0 {
                let part = min(bodyLeft, bytes.count)
                bytes = bytes.dropFirst(part)
                bodyLeft -= part
                continue
            }
            header.append(bytes.removeFirst())
            guard header.count == 5 else { continue }
            if header[0] == Self.applicationData { records += 1 }
            bodyLeft = Int(header[3]) << 8 | Int(header[4])
            header = []
        }
    }
}
