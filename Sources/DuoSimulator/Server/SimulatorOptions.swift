/// How a simulator is started. Everything has a default.
package struct SimulatorOptions: Sendable {
    /// 0: any that is free.
    package var port = 0
    /// nil: a fresh temporary folder, removed by `stop()`.
    package var stateDirectory: String?
    package var directory = UserDirectory.standard
    /// Obviously fake, but of the right shape: DI and 18 more; 40 characters.
    package var integrationKey = "DISIMULATORSIMULATOR"
    package var secretKey = "simulatorsimulatorsimulatorsimulatorsimu"
    /// After this a push or call that nobody answered is over.
    package var pushTimeout = Duration.seconds(60)
    package var statusPolls = StatusPolls.everyStep
    /// Answers every push and call of users without an answer of their own.
    package var auto: (answer: PhoneAnswer, after: Duration)?
    /// Drives expiry and automatic answers; tests put a clock of their own here.
    package var timeline = Timeline(ContinuousClock())

    package init() {}
}
