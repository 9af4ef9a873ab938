import DuetMemory
import DuetPolicy
import DuoAPI

/// What one login has done so far.
package struct Course: Sendable {
    /// No push or call is started with less than this left: Duo itself gives up after 60 s.
    static let timeForApproval = Duration.seconds(65)

    var challenge: Challenge
    let basis: Basis
    /// Answers that may still be asked for.
    var prompts: Int
    /// How the login ends when nothing more is tried.
    var last: Outcome
    /// Asked instead of the menu, once.
    var prompt: String?
    /// What was left of the login's time at the last prompt.
    var asked = Duration.zero
    /// The devices that were pushed or called, each with its factor: never again in this login.
    private(set) var used: [(factor: Factor, device: String)] = []
    /// Why there are no pushes and no calls; nil: there are.
    var stop: PushStop?
    /// Why there are no SMS; nil: nobody has said so.
    var textStop: PushStop?

    init(_ challenge: Challenge, _ basis: Basis, prompts: Int) {
        self.challenge = challenge
        self.basis = basis
        self.prompts = prompts
        last = Outcome(.deny(.noAnswer))
    }

    var hasPushed: Bool { used.contains { $0.factor == .push } }

    /// A push or a call was started: a host that asks again would start another.
    var hasStartedApproval: Bool { used.contains { $0.factor != .sms } }

    private var sentSMS: Bool { used.contains { $0.factor == .sms } }

    mutating func use(_ option: FactorMenu.Option) { used.append((option.factor, option.device.id)) }

    /// What can be chosen now.
    func menu(_ requirement: Requirement, remaining: Duration) -> FactorMenu {
        var factors = requirement.factors
        if remaining < Self.timeForApproval || stop != nil { factors.removeAll { $0 == .push || $0 == .phone } }
        if textStop != nil { factors.removeAll { $0 == .sms } }
        return FactorMenu(
            devices: challenge.devices, factors: factors, preferred: requirement.defaultFactor,
            // Those of an earlier SMS are as good, and may be all that is left.
            takesPasscodes: factors.contains(.passcode) || sentSMS || textStop != nil
        ) { option in
            !used.contains { $0.factor == option.factor && $0.device == option.device.id }
        }
    }
}
