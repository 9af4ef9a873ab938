import DuetConfiguration
import DuetPolicy
import Glibc

/// Does duet.toml stand?
struct ConfigurationCheck: DoctorCheck {
    let name = "configuration"

    func run(_ patient: Patient) -> [Finding] {
        switch patient.configuration {
        case .success(let configuration):
            guard configuration.warnings.isEmpty else {
                return configuration.warnings.map { problem in
                    let place = problem.position.map { ":\($0.line)" } ?? ""
                    return warning(
                        "\(patient.configurationPath)\(place): \(problem.message.plain)",
                        mend: (problem.hint ?? "duet config check").plain)
                }
            }
            let rules = configuration.policy.rules.count
            return [ok("\(patient.configurationPath) stands, \(rules) \(rules == 1 ? "rule" : "rules")")]
        case .failure(let error):
            if geteuid() != 0,
                access(patient.configurationPath, R_OK) != 0 || error.report.contains("Permission denied")
            {
                return [skipped("only root may read it: sudo duet doctor")]
            }
            guard access(patient.configurationPath, F_OK) == 0 || errno != ENOENT else {
                return [
                    failure(
                        "there is no \(patient.configurationPath): a duetd without it refuses every login",
                        mend: "duet setup writes it; /usr/share/duet/duet.toml is an example with everything in it")
                ]
            }
            return [
                failure(
                    "does not stand, and from the next boot on, at the latest, every login is refused: \(error.summary.plain)",
                    mend: "duet config check says all")
            ]
        }
    }
}
