/// One object of a users file with its place, read key by key.
struct UsersFileObject {
    let place: String
    private let object: [String: JSON]

    init(_ value: JSON, at place: String, keys: [String]) throws(UsersFileError) {
        guard case .object(let object) = value else {
            throw UsersFileError(place: place, problem: "is not an object", hint: "write { … } with \(Self.list(keys))")
        }
        self.place = place
        self.object = object
        if let unknown = object.keys.sorted().first(where: { !keys.contains($0) }) {
            throw UsersFileError(place: path(unknown), problem: "unknown key", hint: "use one of \(Self.list(keys))")
        }
    }

    func path(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

    func has(_ key: String) -> Bool { object[key] != nil }

    func value(_ key: String) -> JSON? { object[key] }

    func text(_ key: String) throws(UsersFileError) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string else { throw wrong(key, "is not a string", "put it in double quotes") }
        return text
    }

    func number(_ key: String, _ range: ClosedRange<Int>) throws(UsersFileError) -> Int? {
        guard let value = object[key] else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw wrong(key, "is out of range", "write a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag(_ key: String) throws(UsersFileError) -> Bool? {
        guard let value = object[key] else { return nil }
        guard let flag = value.bool else { throw wrong(key, "is not a truth value", "write true or false") }
        return flag
    }

    func word<Word: RawRepresentable & CaseIterable>(_ key: String, _: Word.Type) throws(UsersFileError) -> Word?
    where Word.RawValue == String {
        guard let text = try text(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw wrong(key, "\"\(text)\" is not known", "use one of \(Self.list(Word.allCases.map(\.rawValue)))")
        }
        return word
    }

    func list(_ key: String) throws(UsersFileError) -> [(value: JSON, place: String)] {
        guard let value = object[key] else { return [] }
        guard let list = value.array else { throw wrong(key, "is not a list", "write [ … ]") }
        return list.enumerated().map { ($1, "\(path(key))[\($0)]") }
    }

    func texts(_ key: String) throws(UsersFileError) -> [String] {
        var texts: [String] = []
        for item in try list(key) {
            guard let text = item.value.string else {
                throw UsersFileError(place: item.place, problem: "is not a string", hint: "put it in double quotes")
            }
            texts.append(text)
        }
        return texts
    }

    func wrong(_ key: String, _ problem: String, _ hint: String) -> UsersFileError {
        UsersFileError(place: path(key), problem: problem, hint: hint)
    }

    private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
