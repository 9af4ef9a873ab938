extension String {
    /// The lines of a file as C programs read them. Swift takes CR LF for one character, which is no "\n": a comment that
    /// ends so would hide the lines behind it.
    package var fileLines: [String] {
        utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// Without the CR that an editor may have put before each line's end.
    package var textLines: [String] { fileLines.map { $0.hasSuffix("\r") ? String($0.dropLast()) : $0 } }
}
