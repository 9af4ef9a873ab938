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
            return [ok("\(patient.configurationPath) stands, \(configuration.policy.rules.count) rules")]
        case .failure(let error):
            if geteuid() != 0,
                access(patient.configurationPath, R_OK) != 0 || error.report.contains("Permission denied")
            {
                return [skipped("only root may read it: sudo duet doctor")]
            }
            return [
                failure(
                    "does not stand, so that every login is refused: \(error.summary.plain)",
                    mend: "duet config check says all")
            ]
        }
    }
}
