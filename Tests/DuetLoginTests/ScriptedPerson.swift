import DuetLogin
import Synchronization

/// A person who answers prompts in order, and remembers what was shown. A prompt without an answer means that they left.
final class ScriptedPerson: Conversation {
    struct Left: Error {}

    enum Answer: Sendable, ExpressibleByStringLiteral {
        case says(String)
        /// Does something first.
        case does(@Sendable () async throws -> String)
        /// Looks at the prompt until the login is over.
        case waits

        init(stringLiteral text: String) { self = .says(text) }
    }

    private struct State {
        var answers: [Answer]
        var shown: [String] = []
        var prompts: [String] = []
    }

    let showsProgress: Bool
    let columns: Int?
    private let state: Mutex<State>

    init(_ answers: [Answer] = [], showsProgress: Bool = true, columns: Int? = nil) {
        self.showsProgress = showsProgress
        self.columns = columns
        state = Mutex(State(answers: answers))
    }

    func show(_ text: String, isError: Bool) {
        state.withLock { $0.shown.append(text) }
    }

    func ask(_ text: String) async throws -> String {
        let answer = try state.withLock { state in
            state.prompts.append(text)
            guard !state.answers.isEmpty else { throw Left() }
            return state.answers.removeFirst()
        }
        switch answer {
        case .says(let text): return text
        case .does(let deed): return try await deed()
        case .waits:
            // Until it is cancelled: the tests' time limit ends what is not.
            try await Task.sleep(for: .seconds(3_600))
            throw Left()
        }
    }

    var shown: [String] { state.withLock { $0.shown } }
    var prompts: [String] { state.withLock { $0.prompts } }
    /// A test's script has to be used up.
    var unusedAnswers: Int { state.withLock { $0.answers.count } }
}
