/// What a login has to show before it is allowed.
package struct Requirement: Sendable, Equatable {
    /// The factors that may be used, in the order in which they are offered.
    package var factors: [Factor]
    /// What Enter alone means in the menu, and what `autopush` starts with; nil: push, when the person has one.
    package var defaultFactor: Factor?
    package var autopush: Autopush
    /// How often one login may be asked: a wrong passcode, an unclear answer or a factor that failed each take one.
    package var prompts: Int
    /// Whether Duo may ask for a code that is shown here to be typed on the phone.
    package var verifiedPush: Bool
    package var fail: FailMode
    /// From BEGIN to the verdict. Below the module's 110 s and sshd's LoginGraceTime of 120 s.
    package var timeout: Duration
    /// What is remembered of a decision; nil: nothing.
    package var remember: Remember?
    /// Which Duo application is asked: `defaultApplication` is `[duo]`, any other NAME is `[duo.NAME]`.
    package var application: String
    /// Shown to the person before the first question.
    package var promptText: String?

    package static let defaultApplication = "default"
    package static let timeouts: ClosedRange<Duration> = .seconds(10) ... .seconds(100)
    package static let promptCounts = 1...5
    package static let standard = Requirement()

    package init(
        factors: [Factor] = Factor.allCases, defaultFactor: Factor? = nil, autopush: Autopush = .off, prompts: Int = 3,
        verifiedPush: Bool = true, fail: FailMode = .closed, timeout: Duration = .seconds(100),
        remember: Remember? = nil, application: String = Requirement.defaultApplication, promptText: String? = nil
    ) {
        self.factors = factors
        self.defaultFactor = defaultFactor
        self.autopush = autopush
        self.prompts = prompts
        self.verifiedPush = verifiedPush
        self.fail = fail
        self.timeout = timeout
        self.remember = remember
        self.application = application
        self.promptText = promptText
    }
}
