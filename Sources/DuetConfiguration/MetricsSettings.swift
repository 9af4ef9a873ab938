package import DuetPolicy
import Glibc

/// The table `[metrics]`: where Prometheus may ask, besides `duet metrics`.
package struct MetricsSettings: Sendable, Equatable {
    /// A numeric address of the loopback interface.
    package struct Address: Sendable, Equatable {
        package let host: String
        package let port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    package var listen: Address?

    package init(listen: Address? = nil) {
        self.listen = listen
    }

    package var settings: [Setting.Entry] {
        listen.map {
            [.init("listen", .text($0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)"))]
        }
            ?? []
    }
}

extension MetricsSettings {
    private static let example = "write listen = \"127.0.0.1:9464\"; whoever is elsewhere needs an exporter in between"

    init(_ table: TableReader) {
        table.refuseUnknown(known: ["listen"], foreign: ["port": "listen = \"127.0.0.1:9464\" has the port in it"])
        guard let (text, _) = table.string("listen") else { return }
        guard let address = Address(text) else {
            table.refuse("listen", "must be an address and a port", hint: Self.example)
            return
        }
        guard address.isLoopback else {
            table.refuse(
                "listen", "must be an address of the loopback: the port knows no passwords", hint: Self.example)
            return
        }
        guard (1_024...65_535).contains(address.port) else {
            table.refuse(
                "listen", "must have a port from 1024 to 65535: duetd has no privileges", hint: Self.example)
            return
        }
        listen = address
    }
}

extension MetricsSettings.Address {
    /// `127.0.0.1:9464` or `[::1]:9464`, as inet_pton(3) reads the address; nil when it is none.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        var four = in_addr()
        var six = in6_addr()
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard inet_pton(AF_INET6, String(host), &six) == 1 else { return nil }
        } else {
            guard inet_pton(AF_INET, String(host), &four) == 1 else { return nil }
        }
        self.init(host: String(host), port: Int(port))
    }

    var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }
}
