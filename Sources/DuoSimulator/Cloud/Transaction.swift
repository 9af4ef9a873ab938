/// One authentication: its steps so far, how many of them the client has seen, and what is due when.
struct Transaction: Sendable {
    let txid: String
    let user: User
    let factor: String
    let device: Device?
    let pushinfo: String?
    let type: String?
    let displayUsername: String?
    let address: String?
    let hostname: String?
    let isAsync: Bool
    let verificationCode: String?
    /// When it expires, and when it is answered by itself, on the cloud's timeline.
    var expiresAt: Duration?
    var automatic: (at: Duration, answer: AutoAnswer)?

    private(set) var steps: [TransactionStep] = []
    private(set) var polls = 0
    /// Status polls and sync requests that are being held open right now.
    var holders = 0

    /// The final step, once there is one.
    var outcome: TransactionStep? { steps.last.flatMap { $0.isFinal ? $0 : nil } }
    var isPending: Bool { outcome == nil }
    var due: Duration? { [expiresAt, automatic?.at].compactMap { $0 }.min() }

    mutating func append(_ step: TransactionStep) {
        guard isPending else { return }
        var step = step
        step.message = user.texts[step.status] ?? step.message
        steps.append(step)
    }

    mutating func countPoll() { polls += 1 }

    private var reported = 0

    /// The step that a status poll gets now; nil: nothing new, hold it.
    mutating func nextStep(_ polls: StatusPolls) -> TransactionStep? {
        guard reported < steps.count else { return outcome }
        switch polls {
        case .everyStep: reported += 1
        case .latest: reported = steps.count
        }
        return steps[reported - 1]
    }

    init(
        txid: String, user: User, factor: String, device: Device?, parameters: Parameters, verificationCode: String?
    ) {
        self.txid = txid
        self.user = user
        self.factor = factor
        self.device = device
        pushinfo = parameters["pushinfo"]
        type = parameters["type"]
        displayUsername = parameters["display_username"]
        address = parameters["ipaddr"]
        hostname = parameters["hostname"]
        isAsync = parameters["async"] == "1"
        self.verificationCode = verificationCode
    }

    func summary(now: Duration) -> TransactionSummary {
        TransactionSummary(
            txid: txid, user: user.name, displayUsername: displayUsername, factor: factor, device: device?.id,
            deviceName: device?.displayName, state: steps.last?.status ?? "", result: steps.last?.result ?? "",
            pushinfo: pushinfo, type: type, ipaddr: address, hostname: hostname, async: isAsync, polls: polls,
            waiting: holders > 0, pending: isPending, verificationCode: verificationCode,
            secondsLeft: isPending ? expiresAt.map { max(0, Int(($0 - now).components.seconds)) } : nil)
    }
}
