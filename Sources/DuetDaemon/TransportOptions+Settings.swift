import DuetConfiguration
import DuoAPI

extension TransportOptions {
    /// As the table `[duo]` has it.
    init(_ settings: DuoSettings) {
        let proxy = settings.proxy.map {
            Proxy(host: $0.host, port: $0.port, user: $0.user, password: $0.password)
        }
        self.init(
            caFile: settings.caFile, proxy: proxy, connectTimeout: settings.connectTimeout,
            maxConnections: settings.maxConnections)
    }
}
