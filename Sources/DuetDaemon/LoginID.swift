import Glibc
import Synchronization

/// 16 hexadecimal digits that nobody can guess.
enum LoginID {
    private static let digits = Array("0123456789abcdef".utf8)
    /// Of the kernel's random numbers, asked for in advance: to ask for each costs more than to make the id.
    private static let ahead = Mutex<[UInt64]>([])
    private static let most = 32

    static func random() -> String {
        let number = ahead.withLock { ahead in
            if ahead.isEmpty { ahead = fresh() }
            return ahead.removeLast()
        }
        return String(unsafeUninitializedCapacity: 16) { text in
            for place in 0..<16 {
                text.initializeElement(
                    at: place, to: digits[Int(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 15])
            }
            return 16
        }
    }

    /// At least one.
    private static func fresh() -> [UInt64] {
        var numbers = [UInt64](repeating: 0, count: most)
        // 256 bytes come whole, or not at all (getentropy(3)).
        if getentropy(&numbers, most * MemoryLayout<UInt64>.size) == 0 { return numbers }
        var generator = SystemRandomNumberGenerator()
        return [generator.next()]
    }
}
