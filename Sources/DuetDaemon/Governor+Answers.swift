import DuetLogin
import DuoAPI

extension Governor {
    /// Returns when the threads that talk to Duo have answered.
    func answers() async {
        guard case .ready(let active) = readiness else { return }
        for connection in active.applications.values {
            await connection.transport.answers(host: connection.application.api.host)
        }
    }
}
