import DuetMemory
import DuoAPI
import Synchronization

/// Answers of Duo's preauth that the same person's next logins may go by, where `[duo] preauth_reuse` says so: those of one
/// application under one configuration, so that a reload ends all of them.
///
/// An answer grants nothing, since a factor always follows and Duo decides on that. What it could do is hide what has changed
/// at Duo since, so:
/// 1. MUST keep nothing but "a factor is needed", and not where a push has to carry a code. Whoever is let in, refused or has to
///    enroll is asked about by every login, and so is everybody after an error and while Duo is known to be down: no fail
///    mode and no allow comes from here.
/// 2. MUST keep what Duo said to a login only once it has allowed a factor of that login's: whoever has no second factor
///    makes nothing be kept.
/// 3. MUST hand an answer out to one login at a time, which brings it back by its own allow, or it is gone: no second push
///    follows a refusal, a time-out, a device that Duo does not know or a hang-up without Duo having been asked.
/// 4. MUST forget a Duo user as soon as any login of theirs ends otherwise, or is refused on the phone after it has gone;
///    what was asked before that never comes back.
/// 5. MUST be found by an equal key only, and within `life` of when Duo was asked, which use does not renew.
/// 6. MUST NOT grow beyond `most`.
/// 7. MUST neither serve a trial nor be kept by one; what a trial is refused ends it as any refusal does.
/// Held by `KeptPreauthsTests`.
package final class KeptPreauths: Sendable {
    package static let longestLife = Duration.seconds(60)
    /// More than log in within `longestLife`.
    static let most = 1_024

    struct Answer: Sendable {
        let devices: [Device]
        /// When Duo was asked.
        let asked: Duration
    }

    private struct State {
        var answers: [PreauthKey: Answer] = [:]
        /// Duo users of whom nothing is believed that was asked before.
        var forgotten: [String: Duration] = [:]
        /// The same of everybody.
        var allForgotten: Duration?
    }

    private let life: Duration
    private let clock: @Sendable () -> Duration
    private let state = Mutex(State())

    /// `life`: zero keeps nothing.
    package init(life: Duration = .zero, clock: @escaping @Sendable () -> Duration = BootClock.now) {
        self.life = min(life, Self.longestLife)
        self.clock = clock
    }

    var now: Duration { clock() }
    var count: Int { state.withLock { $0.answers.count } }

    /// Whether a login with this key would find one now.
    package func holds(_ key: PreauthKey) -> Bool {
        guard life > .zero else { return false }
        let now = clock()
        return state.withLock { $0.answers[key].map { isLive($0, now) } ?? false }
    }

    func take(_ key: PreauthKey) -> Answer? {
        guard life > .zero else { return nil }
        let now = clock()
        guard let answer = state.withLock({ $0.answers.removeValue(forKey: key) }), isLive(answer, now) else {
            return nil
        }
        return answer
    }

    /// After Duo has allowed a factor of the login that went by `answer`.
    func keep(_ answer: Answer, _ key: PreauthKey) {
        let now = clock()
        guard life > .zero, isLive(answer, now) else { return }
        state.withLock { state in
            let ends = [state.forgotten[key.duoUser], state.allForgotten, state.answers[key]?.asked].compactMap { $0 }
            // Another login may have brought a younger one.
            guard ends.allSatisfy({ $0 < answer.asked }) else { return }
            if state.answers.count >= Self.most { state.answers = state.answers.filter { isLive($0.value, now) } }
            guard state.answers.count < Self.most else { return }
            state.answers[key] = answer
        }
    }

    package func forget(_ duoUser: String) {
        guard life > .zero else { return }
        let now = clock()
        state.withLock { state in
            state.answers = state.answers.filter { $0.key.duoUser != duoUser }
            // Later than this nothing comes back that was asked before it.
            if state.forgotten.count >= Self.most { state.forgotten = state.forgotten.filter { now < $0.value + life } }
            if state.forgotten.count < Self.most {
                state.forgotten[duoUser] = now
            } else {
                (state.answers, state.allForgotten) = ([:], now)
            }
        }
    }

    private func isLive(_ answer: Answer, _ now: Duration) -> Bool { now < answer.asked + life }
}
