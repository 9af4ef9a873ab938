import DuetMemory
import DuetPolicy
import Glibc

/// Remembers, forgets and charges one user after the other, and says what it begins and what is done, until it is killed.
/// `memory-writer FOLDER FIRST-UID`
@main struct MemoryWriter {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, var uid = UInt32(arguments[2]) else { exit(64) }
        let memory = Memory(folder: arguments[1], bootID: "boot") { event in
            say("event \(event)")
            exit(1)
        }
        let store = DecisionStore(memory)
        let budget = PushBudget(memory)
        while true {
            let key = DecisionKey(
                uid: uid, user: "user\(uid)", callerUID: uid, duoUser: "user\(uid)",
                application: "DIXXXXXXXXXXXXXXXXXX",
                service: "sudo", scope: .user, ruleFingerprint: [1, 2, 3])
            say("begin \(uid)")
            let grant = Grant(factor: .push, loginID: "0123456789abcdef", why: "approved", begun: BootClock.now())
            guard case .remembered = store.remember(key, grant, lifetime: .seconds(3_600)) else { exit(2) }
            say("done \(uid)")
            if uid % 3 == 0 {
                say("forgetting \(uid)")
                guard case .success = store.forget(DecisionFilter(user: "user\(uid)")) else { exit(3) }
                say("gone \(uid)")
            }
            if uid % 2 == 0 {
                guard case .push = budget.charge(Person(uid: uid, duoUser: "user\(uid)")) else { exit(4) }
                say("charged \(uid)")
            }
            uid += 1
        }
    }

    /// One write, so that a line is there or is not.
    private static func say(_ line: String) {
        let line = Array((line + "\n").utf8)
        _ = write(1, line, line.count)
    }
}
