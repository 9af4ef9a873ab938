import FoundationEssentials
import Testing

/// What the fuzzers found, every crash included, without a fuzzer. `make fuzz` looks for more.
@Suite("Fuzz corpora")
struct ReplayTests {
    @Test("Every input of the wire's corpus holds the rules")
    func wire() throws {
        try replay("wire", atLeast: 40) { input throws(BrokenRule) in try WireRules.hold(for: input) }
    }

    @Test("Every input of the configuration's corpus holds the rules")
    func toml() throws {
        try replay("toml", atLeast: 40) { input throws(BrokenRule) in try TOMLRules.hold(for: input) }
    }

    @Test("Every input of the corpus of Duo's answers holds the rules")
    func answers() throws {
        try replay("answers", atLeast: 40) { input throws(BrokenRule) in try AnswerRules.hold(for: input) }
    }

    private func replay(
        _ target: String, atLeast least: Int, hold: (ArraySlice<UInt8>) throws(BrokenRule) -> Void
    ) throws {
        let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/corpus/" + target
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names.count >= least, "the corpus is there")
        for name in names {
            let data = try #require(FileManager.default.contents(atPath: folder + "/" + name))
            #expect(throws: Never.self, "\(target)/\(name)") { try hold(Array(data)[...]) }
        }
    }
}
