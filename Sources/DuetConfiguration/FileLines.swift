extension String {
    /// The lines of a file as C programs read them. Swift takes CR LF for one character, which is no "\n": a comment that
    /// ends so would hide the lines behind it.
    package var fileLines: [String] {
        utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }
}
