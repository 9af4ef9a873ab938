import Secrets

extension Transport {
    /// Returns when the transport's thread has taken a call in and handed it back: it does not hang. Nothing is sent,
    /// because the call is cancelled before it is made.
    package func answers(host: APIHost) async {
        let request = Request(
            method: .get, host: host, path: "/", parameters: Secret(""), delivery: .once, deadline: .seconds(1))
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { _ = try? await self.send(request) }
        }
    }
}
