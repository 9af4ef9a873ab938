import DuetConfiguration
import DuetLogin
import DuoAPI
import Glibc
import Logging

/// One Duo application and the way to it.
struct DuoConnection: Sendable {
    /// As rules name it.
    let name: String
    let integrationKey: String
    let application: DuoApplication
    let transport: Transport
    let contact: DuoContact
    /// The roots that may speak for Duo; nil: the distribution's.
    let caFile: String?
    /// How long the connection may be silent while people log in.
    let keepalive: Duration?

    /// `driver`: on whose thread it works; nil: on one of its own.
    init(
        name: String, _ settings: DuoSettings, on driver: (any TransportDriver)?, metrics: Metrics, logger: Logger
    ) throws(DuoError) {
        guard let host = APIHost(settings.apiHost) else { preconditionFailure("Configuration.load checks api_host") }
        self.name = name
        integrationKey = settings.integrationKey
        caFile = settings.caFile
        keepalive = settings.keepalive
        transport = try Transport(TransportOptions(settings), on: driver)
        contact = DuoContact()
        let credentials = Credentials(integrationKey: settings.integrationKey, secretKey: settings.secretKey)
        let api = AuthAPI(
            host: host, credentials: credentials, transport: transport, clock: DuoClock { Int64(time(nil)) },
            observe: { metrics.count($0) })
        let breaker = CircuitBreaker(
            now: { ContinuousClock.now }, sleep: { [transport] in try await transport.sleep(for: $0) },
            changed: { [contact] outage in
                // Whatever becomes of the login that met it: an open breaker is always being probed.
                if outage != nil { contact.wake() }
                guard let outage else {
                    return logger.notice("Duo answers again: logins ask it", metadata: ["application": "\(name)"])
                }
                let cause = outage.error.report(host: host)
                logger.critical(
                    "Duo cannot be reached: logins follow their fail mode",
                    metadata: ["application": "\(name)", "cause": "\(cause)"])
            },
            ping: { (patience) async throws(DuoError) in _ = try await api.ping(deadline: patience) })
        application = DuoApplication(
            api: api, breaker: breaker, preauthTimeout: settings.preauthTimeout,
            kept: KeptPreauths(life: settings.preauthReuse))
    }
}
