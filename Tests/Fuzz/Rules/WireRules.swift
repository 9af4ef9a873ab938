@testable import DuetWire

/// Any bytes on a socket, in either direction.
///
/// The rules:
/// - Nothing traps, and no more than one frame is kept back.
/// - How the bytes were cut makes no difference: whole, in halves or one by one, the messages and the error are the same.
/// - What was read can be written, and reads as what it was.
/// - An allow is spelt out, and has a nonce.
enum WireRules {
    static func hold(for input: ArraySlice<UInt8>) throws(BrokenRule) {
        try hold(for: input, as: ModuleMessage.self)
        try hold(for: input, as: DaemonMessage.self)
        try hold(for: input, as: ControlRequest.self)
        try hold(for: input, as: ControlReply.self)
        try onlyTheWordAllows(input)
    }

    private struct Reading<Message: WireMessage & Equatable>: Equatable {
        var messages: [Message] = []
        var error: WireError?
        var pending = 0

        init(_ pieces: [ArraySlice<UInt8>]) {
            var parser = FrameParser<Message>()
            do throws(WireError) {
                for piece in pieces {
                    parser.append(piece)
                    while let message = try parser.next() { messages.append(message) }
                }
                pending = parser.pending
            } catch {
                self.error = error
            }
        }
    }

    private static func hold<Message: WireMessage & Equatable>(
        for input: ArraySlice<UInt8>, as type: Message.Type
    ) throws(BrokenRule) {
        let whole = Reading<Message>([input])
        let middle = input.startIndex + input.count / 2
        try rule(whole == Reading([input[..<middle], input[middle...]]), "two halves read as the whole")
        if input.count <= 512 {
            try rule(whole == Reading(input.indices.map { input[$0...$0] }), "byte by byte reads as the whole")
        }
        try rule(whole.pending < Frame.headerSize + Frame.bodyCap, "no more than a frame is kept")
        for message in whole.messages {
            guard let frame = try? message.frame() else { throw BrokenRule(rule: "what was read can be written") }
            try rule(Reading<Message>([frame.bytes[...]]).messages == [message], "what is written reads as what it was")
        }
    }

    private static func onlyTheWordAllows(_ input: ArraySlice<UInt8>) throws(BrokenRule) {
        for case .verdict(let verdict) in Reading<DaemonMessage>([input]).messages where verdict.result == .allow {
            try rule(input.contains(UInt8(ascii: "A")), "an allow is spelt out")
            try rule(verdict.nonce.count == 16, "an allow has a nonce")
        }
    }
}
