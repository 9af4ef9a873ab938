import NIOCore

/// Cuts a stream into lines of at most 64 KiB.
struct LineDecoder: ByteToMessageDecoder {
    typealias InboundOut = [UInt8]
    static let maximum = 64 * 1024

    struct TooLong: Error {}

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            guard buffer.readableBytes <= Self.maximum else { throw TooLong() }
            return .needMoreData
        }
        let length = end - buffer.readerIndex
        guard length <= Self.maximum else { throw TooLong() }
        let line = buffer.readBytes(length: length) ?? []
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(NIOAny(line))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }
}
