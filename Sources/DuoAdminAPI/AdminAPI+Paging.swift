import DuoAPI

extension AdminAPI {
    /// More than any account has, and a bound on what an answer can make this host keep.
    static let mostEntries = 1_000_000

    /// A list to its end, or to `limit` entries, page by page. `progress` is told how many have come, and of how many.
    package func list(
        _ path: String, _ filters: [(String, String)] = [], pageSize: Int = 100, limit: Int? = nil,
        progress: @Sendable (_ done: Int, _ total: Int?) -> Void = { _, _ in }
    ) async throws(AdminError) -> [JSONValue] {
        let limit = min(limit ?? Self.mostEntries, Self.mostEntries)
        var entries: [JSONValue] = []
        var offset = 0
        while entries.count < limit {
            let wanted = min(pageSize, limit - entries.count)
            let answer = try await send(
                APICall(.get, path, filters + [("limit", "\(wanted)"), ("offset", "\(offset)")]))
            guard let page = answer.response.array else { throw .duo(.malformed(what: "a list that is none")) }
            entries += page.prefix(wanted)
            progress(entries.count, answer.total.flatMap { Int(exactly: $0) })
            guard let next = answer.nextOffset else { break }
            // Else a broken answer would be asked for again and again.
            guard let next = Int(exactly: next), next > offset, !page.isEmpty else {
                throw .duo(.malformed(what: "pages that do not end"))
            }
            offset = next
        }
        return entries
    }

    /// The entries of a list, as values.
    func list<Entry>(
        _ path: String, _ filters: [(String, String)], limit: Int?,
        _ progress: @Sendable (Int, Int?) -> Void, _ entry: (JSONValue) throws(AdminError) -> Entry
    ) async throws(AdminError) -> [Entry] {
        var entries: [Entry] = []
        for json in try await list(path, filters, limit: limit, progress: progress) { entries.append(try entry(json)) }
        return entries
    }

    /// `id` in a path. Only what Duo gives as an id can stand there.
    static func segment(_ id: String, _ what: String) throws(AdminError) -> String {
        guard isOpaqueID(id) else { throw .invalid(name: "the \(what)'s id", why: "it is not an id of Duo's") }
        return id
    }
}
