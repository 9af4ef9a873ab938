/// Do the lines that only say who is coming stand where they are of use, and decide nothing?
struct PrefetchCheck: DoctorCheck {
    let name = "prefetch"

    func run(_ patient: Patient) -> [Finding] {
        let stacks = patient.named.filter { !$0.prefetches.isEmpty }
        guard !stacks.isEmpty else { return [skipped("no service prefetches")] }
        return stacks.map(look)
    }

    private func look(_ stack: PAMStack) -> Finding {
        let line = stack.prefetches[0]
        guard let duet = stack.duet.first else {
            return failure(
                "\(line.place): \(stack.service) says who is coming and never asks Duet",
                mend:
                    "add auth required pam_duet.so behind the password: a line with prefetch asks for no second factor")
        }
        let optional = PAMLine.parse("auth optional pam_duet.so", file: "").map(\.control)
        if let other = stack.prefetches.first(where: { !optional.contains($0.control) }) {
            return failure(
                "\(other.place): a line with prefetch is not optional: where the module is older or missing, \(stack.service) "
                    + "refuses, or lets in", mend: "auth optional pam_duet.so prefetch")
        }
        let lines = stack.steps.map(\.line)
        let first = lines.firstIndex { $0.kind == .firstFactor || $0 == duet } ?? 0
        guard stack.prefetches.count == 1, lines.firstIndex(of: line) ?? 0 < first else {
            return warning(
                "\(line.place): prefetch does nothing for \(stack.service) here, or does it twice",
                mend: "one line with prefetch, before the password")
        }
        return ok("\(stack.service): Duo is asked while the password is typed (\(line.place))")
    }
}
