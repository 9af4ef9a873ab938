/// Are the module's options right, and what happens when duetd does not run?
struct ModuleOptionsCheck: DoctorCheck {
    let name = "module options"

    func run(_ patient: Patient) -> [Finding] {
        guard !patient.stacks.isEmpty else { return [skipped("no service asks Duet")] }
        var findings: [Finding] = []
        var seen: Set<String> = []
        for stack in patient.stacks {
            for line in stack.duet + stack.prefetches where seen.insert(line.place).inserted {
                findings += look(line, stack.service)
            }
        }
        return findings.isEmpty ? [ok("when duetd does not run, every service that asks Duet refuses")] : findings
    }

    private func look(_ line: PAMLine, _ service: String) -> [Finding] {
        var keys: Set<String> = []
        for argument in line.arguments {
            let key = String(argument.prefix { $0 != "=" })
            let value = argument.dropFirst(key.count + 1)
            let isSound =
                switch key {
                case "fail": ["open", "closed"].contains(value)
                case "timeout": value.first != "0" && (Int(value).map { (1...600).contains($0) } ?? false)
                case "socket": !value.isEmpty
                default: ["debug", "prefetch"].contains(argument)
                }
            guard isSound, keys.insert(key).inserted else {
                return [
                    failure(
                        "\(line.place): \"\(argument.plain)\" is unknown, malformed or repeated: every login is refused",
                        mend: "fail=closed|open, timeout=1..600, socket=PATH, debug, prefetch: see pam_duet(8)")
                ]
            }
        }
        if line.kind == .prefetch, !keys.isDisjoint(with: ["fail", "timeout"]) {
            return [
                failure(
                    "\(line.place): a line with prefetch decides nothing and cannot have fail= or timeout=",
                    mend: "leave prefetch out where Duet is to ask; see pam_duet(8), NOTES")
            ]
        }
        guard line.arguments.contains("fail=open") else { return [] }
        return [
            warning(
                "\(line.place): fail=open lets \(service) in without Duet whenever duetd does not run",
                mend: "leave fail=open out; what happens while Duo is down is fail in duet.toml")
        ]
    }
}
