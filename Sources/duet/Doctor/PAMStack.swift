/// The auth part of a PAM service, with everything that it includes, and what libpam makes of it: pam.conf(5), and
/// `_pam_dispatch_aux` of Linux-PAM.
struct PAMStack: Sendable {
    /// A module, or the line that a substack begins at: libpam counts that one as a step, and a jump over it takes the
    /// whole substack along.
    struct Step: Sendable, Equatable {
        let line: PAMLine
        /// Substacks in substacks.
        let level: Int
    }

    struct Outcome: Sendable, Equatable {
        let granted: Bool
        /// The modules that were called, in order.
        let called: [PAMLine]

        var askedDuet: Bool { called.contains { $0.kind == .duet } }
    }

    private static let depthCap = 16
    private static let folders = ["/etc/pam.d", "/usr/lib/pam.d"]

    let service: String
    private(set) var steps: [Step] = []
    /// Files that are included and not there: libpam refuses every login then.
    private(set) var missing: [String] = []

    /// `replacements`: contents of files that are not written yet, by their path.
    init(service: String, host: Host, replacements: [String: String] = [:]) {
        self.service = service
        add(service, host, replacements, level: 0, depth: 0)
    }

    var duet: [PAMLine] { lines(.duet) }
    var prefetches: [PAMLine] { lines(.prefetch) }
    var firstFactors: [PAMLine] { lines(.firstFactor) }
    /// Where duo_unix asks.
    var duoUnix: [PAMLine] { steps.map(\.line).filter { $0.moduleName == "pam_duo" } }
    var conditions: [PAMLine] { lines(.condition) }

    private func lines(_ kind: PAMLine.Kind) -> [PAMLine] {
        steps.map(\.line).filter { $0.kind == kind && $0.control != .substack }
    }

    private mutating func add(_ name: String, _ host: Host, _ replacements: [String: String], level: Int, depth: Int) {
        let paths = name.hasPrefix("/") ? [name] : Self.folders.map { "\($0)/\(name)" }
        guard depth < Self.depthCap,
            let (path, text) = paths.lazy.compactMap({ path in
                (replacements[path] ?? host.text(path)).map { (path, $0) }
            }).first
        else { return missing.append(name) }
        for line in PAMLine.parse(text, file: path) where line.type == "auth" {
            switch line.control {
            case .include: add(line.module, host, replacements, level: level, depth: depth + 1)
            case .substack:
                steps.append(Step(line: line, level: level))
                add(line.module, host, replacements, level: level + 1, depth: depth + 1)
            case .actions: steps.append(Step(line: line, level: level))
            }
        }
    }

    /// Whether a login is let in when each module returns what `value` says: success, ignore, auth_err …
    func outcome(_ value: (PAMLine) -> String) -> Outcome {
        // What has been decided so far: nothing, a success, or a failure that stays.
        var impression = Impression.none
        var saved: [Int: Impression] = [:]
        var called: [PAMLine] = []
        var level = 0
        var index = 0
        while index < steps.count {
            let step = steps[index]
            if step.level > level { for deeper in level + 1...step.level { saved[deeper] = impression } }
            level = step.level
            index += 1
            guard case .actions(let actions) = step.line.control else { continue }
            called.append(step.line)
            let value = value(step.line)
            var isOver = false
            switch actions[value] ?? actions["default"] ?? .bad {
            case .ignore: break
            case .ok, .done:
                if impression == .none || impression == .success {
                    impression = value == "success" ? .success : .failureThatMayPass
                }
                isOver = impression != .failure && actions[value] ?? actions["default"] == .done
            case .bad: impression = .failure
            case .die:
                impression = .failure
                isOver = true
            case .reset: impression = saved[step.level] ?? .none
            case .jump(let count):
                var left = count
                while left > 0, index < steps.count, steps[index].level >= step.level {
                    index += 1
                    while index < steps.count, steps[index].level > step.level { index += 1 }
                    left -= 1
                }
                if left > 0 { impression = .failure }
            }
            guard isOver else { continue }
            if step.level == 0 { break }
            while index < steps.count, steps[index].level >= step.level { index += 1 }
        }
        return Outcome(granted: impression == .success, called: called)
    }

    private enum Impression {
        case none, success, failure
        /// A value other than success that a control took for good: it stays, and is what libpam returns.
        case failureThatMayPass
    }
}
