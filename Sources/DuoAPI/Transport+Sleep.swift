extension Transport {
    /// As `Task.sleep(for:)`, on the transport's thread, which waits for Duo anyway: Dispatch would wake two threads of its own
    /// for each. Ends early when the transport is shut down.
    package func sleep(for duration: Duration) async throws {
        await loop.sleep(until: .now + duration)
        try Task.checkCancellation()
    }
}
