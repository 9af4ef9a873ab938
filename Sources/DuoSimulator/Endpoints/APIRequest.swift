/// One HTTP request, whole, before anything in it is believed.
package struct APIRequest: Sendable {
    package var connection: Int
    package var method: String
    /// Path as sent, without the query.
    package var path: String
    package var query: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// TLS application records that this request came in: one for each write of the client.
    package var reads: Int

    package init(
        connection: Int, method: String, path: String, query: String, headers: [(name: String, value: String)],
        body: [UInt8], reads: Int
    ) {
        self.connection = connection
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.reads = reads
    }

    /// All values of a header, names compared without regard to case.
    func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.map(\.value)
    }
}
