extension Duration {
    /// Whole milliseconds, as the store keeps time.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
