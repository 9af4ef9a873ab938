import NIOCore

/// One line in, one line out, in order.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = [UInt8]
    typealias OutboundOut = ByteBuffer

    private let cloud: Cloud
    private var waiting: [[UInt8]] = []
    private var task: Task<Void, Never>?

    init(cloud: Cloud) { self.cloud = cloud }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard waiting.count < 100 else { return context.close(promise: nil) }
        waiting.append(unwrapInboundIn(data))
        next(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        task?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func next(_ context: ChannelHandlerContext) {
        guard task == nil, !waiting.isEmpty else { return }
        let line = waiting.removeFirst()
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        task = Task { [cloud] in
            let answer = await ControlVerb.answer(line, from: cloud).bytes
            loop.execute {
                let (handler, context) = bound.value
                handler.task = nil
                context.writeAndFlush(handler.wrapOutboundOut(ByteBuffer(bytes: answer + [10])), promise: nil)
                handler.next(context)
            }
        }
    }
}
