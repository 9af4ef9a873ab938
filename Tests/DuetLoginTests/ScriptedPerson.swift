import DuetLogin
import Synchronization

/// A person who answers prompts in order, and remembers what was shown. A prompt without an answer means that they left.
final class ScriptedPerson: Conversation {
    struct Left: Error {}

    private struct State {
        var answers: [String]
        var shown: [String] = []
        var prompts: [String] = []
    }

    let showsProgress: Bool
    private let state: Mutex<State>

    init(_ answers: [String] = [], showsProgress: Bool = true) {
        self.showsProgress = showsProgress
        state = Mutex(State(answers: answers))
    }

    func show(_ text: String, isError: Bool) {
        state.withLock { $0.shown.append(text) }
    }

    func ask(_ text: String) async throws -> String {
        try state.withLock { state in
            state.prompts.append(text)
            guard !state.answers.isEmpty else { throw Left() }
            return state.answers.removeFirst()
        }
    }

    var shown: [String] { state.withLock { $0.shown } }
    var prompts: [String] { state.withLock { $0.prompts } }
    /// A test's script has to be used up.
    var unusedAnswers: [String] { state.withLock { $0.answers } }
}
