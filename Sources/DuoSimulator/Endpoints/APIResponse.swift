/// What goes back over the connection.
package enum APIResponse: Sendable {
    case answer(status: Int, body: [UInt8])
    /// A PNG image, with status 200.
    case image([UInt8])
    /// Bytes that are no HTTP, then the end of the connection.
    case garbage
    /// The connection ends with no byte sent.
    case drop

    static func ok(_ response: JSON) -> APIResponse {
        .answer(status: 200, body: (["stat": "OK", "response": response] as JSON).bytes)
    }

    static func ok(_ response: JSON, metadata: JSON) -> APIResponse {
        .answer(status: 200, body: (["stat": "OK", "response": response, "metadata": metadata] as JSON).bytes)
    }

    static func failure(_ failure: APIFailure) -> APIResponse {
        .answer(status: failure.status, body: failure.body.bytes)
    }
}
