import DuetPolicy

@testable import DuetMemory

extension DecisionKey {
    /// Alice's sudo in a terminal.
    static let alice = DecisionKey(
        uid: 1_000, user: "alice", callerUID: 1_000, duoUser: "alice", application: "DIAAAAAAAAAAAAAAAAAA",
        service: "sudo", scope: .tty(ttyNumber: 34_816, leader: 500, leaderStart: 9_000), ruleFingerprint: [1, 2, 3])

    func with(_ change: (inout DecisionKey) -> Void) -> DecisionKey {
        var key = self
        change(&key)
        return key
    }

    /// Somebody who shares nothing with Alice.
    static func other(_ number: UInt32) -> DecisionKey {
        alice.with {
            $0.uid = number
            $0.callerUID = number
            $0.user = "user\(number)"
            $0.duoUser = "user\(number)"
        }
    }
}

extension Person {
    static let alice = Person(uid: 1_000, duoUser: "alice")
}

extension DecisionStore {
    func remember(
        _ key: DecisionKey, for lifetime: Duration = .seconds(600), uses: Int? = nil, factor: Factor = .push,
        begun: Duration = .seconds(999)
    ) -> RememberResult {
        let grant = Grant(factor: factor, loginID: "0123456789abcdef", why: "approved", begun: begun)
        return remember(key, grant, lifetime: lifetime, uses: uses)
    }

    func lookUp(_ key: DecisionKey) -> RememberedAllow? {
        lookUp(key, factors: Factor.allCases)
    }

    /// Whether it is there, without using it.
    func has(_ key: DecisionKey) throws -> Bool {
        try list(DecisionFilter(user: key.user)).get().contains {
            $0.verdict == .allow && $0.duoUser == key.duoUser
        }
    }
}

extension RememberResult {
    var isRemembered: Bool {
        switch self {
        case .remembered: true
        case .notRemembered: false
        }
    }
}

extension PushPermit {
    var charge: PushCharge? {
        switch self {
        case .push(let charge): charge
        case .passcodeOnly: nil
        }
    }

    var stop: PushStop? {
        switch self {
        case .push: nil
        case .passcodeOnly(let stop): stop
        }
    }
}
