import NIOCore
import NIOHTTP1

/// Gathers one request at a time within its caps, has the cloud answer it, and writes the answer.
///
/// A request that comes before the last one is answered ends the connection: no client of Duo pipelines.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let maximumHead = 16 * 1024
    static let maximumBody = 128 * 1024

    private let cloud: Cloud
    private let ledger: ConnectionLedger
    private let connection: Int
    private let records: TLSRecordCounter

    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var task: Task<Void, Never>?
    /// An error was answered: whatever else comes in is not read.
    private var isRefused = false

    init(cloud: Cloud, ledger: ConnectionLedger, connection: Int, records: TLSRecordCounter) {
        self.cloud = cloud
        self.ledger = ledger
        self.connection = connection
        self.records = records
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // NIOTLS, which names this event, is no dependency of ours.
        if "\(event)".hasPrefix("handshakeCompleted") {
            records.handshakeCompleted()
            ledger.handshake(resumed: records.resumed)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        task?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard task == nil else { return abort(context) }
            accept(head, context)
        case .body(let part):
            body += part.readableBytesView
            if body.count > Self.maximumBody { refuse(.tooLarge, context) }
        case .end:
            if let head { run(head, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isRefused else { return }
        switch error as? HTTPParserError {
        case nil: context.close(promise: nil)
        case .headerOverflow: refuse(.tooLarge, context)
        case .some: refuse(.malformed, context)
        }
    }

    private func accept(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let size = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let length = head.headers.first(name: "content-length").flatMap(Int.init) ?? 0
        guard size <= Self.maximumHead, length <= Self.maximumBody else { return refuse(.tooLarge, context) }
        guard head.version == .http1_1, head.headers["host"].count == 1, head.uri.hasPrefix("/") else {
            return refuse(.malformed, context)
        }
        self.head = head
        body = []
    }

    private func run(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = APIRequest(
            connection: connection, method: head.method.rawValue, path: String(parts[0]),
            query: parts.count > 1 ? String(parts[1]) : "", headers: head.headers.map { ($0.name, $0.value) },
            body: body, reads: records.take())
        self.head = nil
        body = []
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        task = Task { [cloud] in
            let response = await cloud.respond(to: request)
            loop.execute {
                let (handler, context) = bound.value
                handler.task = nil
                handler.write(response, to: head, context)
            }
        }
    }

    private func write(_ response: APIResponse, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        switch response {
        case .answer(let status, let body):
            write(
                status, body, "application/json", isHead: request.method == .HEAD, keepAlive: request.isKeepAlive,
                context)
        case .image(let body):
            write(200, body, "image/png", keepAlive: request.isKeepAlive, context)
        case .garbage:
            // Past the HTTP encoder, so that it cannot make a proper answer of it.
            let garbage = ByteBuffer(bytes: [0x00, 0xFF, 0xFE] + Array("<<not http>>\r\n\r\n".utf8))
            guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            else {
                return abort(context)
            }
            encoder.writeAndFlush(NIOAny(garbage), promise: nil)
            context.close(promise: nil)
        case .drop:
            abort(context)
        }
    }

    private func write(
        _ status: Int, _ body: [UInt8], _ type: String, isHead: Bool = false, keepAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders([
            ("Content-Type", type), ("Content-Length", "\(body.count)"), ("Cache-Control", "no-store"),
        ])
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !keepAlive { context.close(promise: nil) }
    }

    private enum Refusal {
        case malformed, tooLarge

        var failure: APIFailure {
            switch self {
            case .malformed: APIFailure(code: 40000, message: "Bad request")
            case .tooLarge: APIFailure(code: 41300, message: "Request too large")
            }
        }
    }

    /// Answers and ends the connection. What still comes in is drained for a moment: closing at once would reset the
    /// connection before the client reads why.
    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        isRefused = true
        let failure = refusal.failure
        let headers = HTTPHeaders([
            ("Content-Type", "application/json"), ("Content-Length", "\(failure.body.bytes.count)"),
            ("Connection", "close"),
        ])
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: failure.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: failure.body.bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(200)) { bound.value.close(promise: nil) }
    }

    private func abort(_ context: ChannelHandlerContext) {
        task?.cancel()
        context.triggerUserOutboundEvent(TLSRecordCounter.Abort(), promise: nil)
    }
}
