/// What the daemon answers to `metrics`, as JSON.
package struct MetricsReport: Codable, Sendable, Equatable {
    /// Prometheus' text format.
    package var contentType: String
    package var text: String

    package init(contentType: String, text: String) {
        self.contentType = contentType
        self.text = text
    }
}
