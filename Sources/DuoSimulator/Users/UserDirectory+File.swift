import Glibc

extension UserDirectory {
    static let maximumFile = 4 * 1024 * 1024

    /// Reads a users file from disk.
    package init(file path: String) throws(UsersFileError) {
        guard let file = fopen(path, "re") else {
            throw UsersFileError(
                place: path, problem: String(cString: strerror(errno)), hint: "give a file that can be read")
        }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: Self.maximumFile + 1)
        let count = fread(&text, 1, text.count, file)
        guard count <= Self.maximumFile else {
            throw UsersFileError(place: path, problem: "is larger than 4 MiB", hint: "give fewer users")
        }
        guard let string = String(validating: text[..<count], as: UTF8.self) else {
            throw UsersFileError(place: path, problem: "is not UTF-8", hint: "save it as UTF-8")
        }
        try self.init(json: string)
    }
}
