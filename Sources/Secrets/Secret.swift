import Glibc

/// Bytes that cannot be printed, and are wiped when the last owner lets go.
///
/// Secret keys and passcodes travel in this type only. No conformance, description, mirror or interpolation shows the
/// bytes; `SecretTests` tries every route. Equality is deliberately absent.
package final class Secret: Sendable {
    // Sound: written once in `init`, wiped in `deinit` when no other reference exists; never resized.
    private nonisolated(unsafe) let storage: UnsafeMutableBufferPointer<UInt8>

    /// Copies the UTF-8 bytes of `text`. The caller's string is not wiped: keep its life short.
    package convenience init(_ text: String) {
        self.init(bytes: Array(text.utf8))
    }

    package init(bytes: some Collection<UInt8>) {
        storage = .allocate(capacity: bytes.count)
        _ = storage.initialize(from: bytes)
    }

    deinit {
        // explicit_bzero, because the optimiser may drop a plain fill before a free.
        if let base = storage.baseAddress { explicit_bzero(base, storage.count) }
        storage.deallocate()
    }

    /// Number of bytes.
    package var count: Int { storage.count }

    /// Lends the bytes for the time of `body`. Whoever copies them out takes over the duty to wipe.
    package func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        try body(UnsafeBufferPointer(storage))
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
