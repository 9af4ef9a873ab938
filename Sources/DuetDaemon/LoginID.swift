/// 16 hexadecimal digits that nobody can guess.
enum LoginID {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = String(generator.next(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
