/// Metrics in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge
    }

    typealias Labels = [(name: String, value: String)]

    private(set) var text = ""

    /// One metric; without samples it is left out.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [(Labels, Double)]) {
        guard !samples.isEmpty else { return }
        head(name, kind.rawValue, help)
        for (labels, value) in samples { line(name, labels, value) }
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        add(name, kind, help, [([], Double(value))])
    }

    mutating func add(_ name: String, _ help: String, _ histograms: [(Labels, Histogram)]) {
        guard !histograms.isEmpty else { return }
        head(name, "histogram", help)
        for (labels, histogram) in histograms {
            for (bound, count) in histogram.cumulative {
                line(name + "_bucket", labels + [("le", Self.number(bound))], Double(count))
            }
            line(name + "_bucket", labels + [("le", "+Inf")], Double(histogram.count))
            line(name + "_sum", labels, histogram.sum)
            line(name + "_count", labels, Double(histogram.count))
        }
    }

    private mutating func head(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind)\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))\n"
    }

    /// A whole number without a point.
    private static func number(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
