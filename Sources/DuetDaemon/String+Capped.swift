extension String {
    /// The beginning of it that has no more than `bytes` bytes of UTF-8, with `…` where something was left out.
    func capped(bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        let mark = "…"
        var end = utf8.index(startIndex, offsetBy: max(0, bytes - mark.utf8.count))
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(unicodeScalars[..<end]) + mark
    }
}
