import DuetWire
import Testing

@Suite("The timeout of a BEGIN")
struct BeginTimeoutTests {
    private func begin(_ timeout: Duration) -> ModuleMessage {
        .begin(
            Begin(
                nonce: [UInt8](repeating: 7, count: 16), user: "bob", service: "sudo", caller: 0, timeout: timeout,
                session: SessionFacts()))
    }

    @Test(
        "Every whole millisecond within the limits arrives as it was",
        arguments: [1_000, 1_001, 1_009, 110_000, 599_999, 600_000])
    func whole(_ milliseconds: Int) throws {
        let message = begin(.milliseconds(milliseconds))
        #expect(try ModuleMessage(message.frame()) == message)
    }

    @Test(
        "What is no whole millisecond or outside the limits is not written",
        arguments: [
            .zero, .milliseconds(-1), .milliseconds(600_001), .microseconds(1_500_500), .seconds(601),
            .seconds(Int64.max), .seconds(Int64.min),
        ] as [Duration])
    func outside(_ timeout: Duration) {
        #expect(throws: WireError.badValue(tag: 6)) { try begin(timeout).frame() }
    }
}
