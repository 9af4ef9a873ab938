import Glibc

extension [UInt8] {
    /// Overwrites the bytes in place. Sound only while no copy of the array is alive: a shared buffer would be cloned.
    mutating func wipe() {
        // explicit_bzero, because the optimiser may drop a plain fill before a free.
        withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
    }
}
