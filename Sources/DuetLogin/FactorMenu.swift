import DuetPolicy
import DuoAPI
import Secrets

/// What a person can answer: the devices with what they can do, and passcodes. One prompt of at most 500 bytes.
struct FactorMenu {
    /// An object, because a login that waits holds several of them.
    final class Option: Sendable {
        let factor: Factor
        let device: Device

        init(factor: Factor, device: Device) {
            self.factor = factor
            self.device = device
        }
    }

    /// An answer, understood.
    enum Choice {
        case option(Option)
        case passcode(Secret)
        /// Nothing that means anything here; the text says what would.
        case unclear(String)
    }

    static let promptCap = 500
    private static let labelCap = 60

    /// What is open, in the order of its numbers.
    let options: [Option]
    /// What the devices can do, open or not: `push2` stays the second device when the first is used up.
    private let all: [Option]
    let takesPasscodes: Bool
    /// What Enter alone means.
    let preferred: Option?

    /// `factors` in the order of the rule, and within one factor the devices in Duo's order; without the options that
    /// are no longer open.
    init(
        devices: [Device], factors: [Factor], preferred: Factor? = nil, takesPasscodes: Bool? = nil,
        isOpen: (Option) -> Bool = { _ in true }
    ) {
        all = factors.flatMap { factor in
            devices.filter { Self.can($0, factor) }.map { Option(factor: factor, device: $0) }
        }
        let options = all.filter(isOpen)
        self.options = options
        self.takesPasscodes = takesPasscodes ?? factors.contains(.passcode)
        self.preferred = preferred.flatMap { factor in options.first { $0.factor == factor } }
    }

    /// What a login starts with instead of the menu: the preferred factor, else a push.
    func automatic(_ autopush: Autopush) -> Option? {
        switch autopush {
        case .off: nil
        case .auto, .wait, .prompt: preferred ?? options.first { $0.factor == .push }
        }
    }

    var isEmpty: Bool { options.isEmpty && !takesPasscodes }

    /// `text` is the rule's own, of 200 bytes at most, in place of the first line.
    func prompt(user: String, text: String? = nil) -> String {
        let head = (text ?? "Duo login for \(Self.fitting(user, 64))") + "\n"
        var lines = options.enumerated().map { " \($0 + 1). \(Self.label($1))\n" }
        var left = ""
        while !lines.isEmpty,
            head.utf8.count + lines.reduce(0, { $0 + $1.utf8.count }) + left.utf8.count + question.utf8.count
                > Self.promptCap
        {
            lines.removeLast()
            left = " ... \(lines.count + 1) to \(options.count) are not shown\n"
        }
        return head + lines.joined() + left + question
    }

    /// The beginning of `text` in at most `bytes` bytes.
    private static func fitting(_ text: String, _ bytes: Int) -> String {
        var fitting = ""
        for character in text where fitting.utf8.count + character.utf8.count <= bytes { fitting.append(character) }
        return fitting
    }

    private var question: String {
        let enter = preferred == nil ? "" : ", Enter for \(number(of: preferred))"
        let range = (options.count == 1 ? "1" : "1-\(options.count)") + enter
        return switch (takesPasscodes, options.isEmpty) {
        case (true, false): "Passcode or option (\(range)): "
        case (true, true): "Passcode: "
        case (false, _): "Option (\(range)): "
        }
    }

    private func number(of option: Option?) -> Int {
        (options.firstIndex { $0.factor == option?.factor && $0.device.id == option?.device.id } ?? 0) + 1
    }

    /// Understands Enter, a number of the menu, `push`, `push2` (the second device that can do it), `push iPhone`,
    /// `iPhone`, `phone`, `sms`, or a passcode. Only what looks like a passcode is ever sent as one, so that a password
    /// typed here stays here.
    func choice(_ answer: String) -> Choice {
        let word = Self.normal(answer)
        if word.isEmpty { return preferred.map { .option($0) } ?? .unclear(hint) }
        if let number = Int(word), word.count <= 2 {
            return options.indices.contains(number - 1) ? .option(options[number - 1]) : .unclear(hint)
        }
        // The words for factors go before the names of devices: many a device is called "Phone".
        for factor in [Factor.push, .phone, .sms] where word.hasPrefix(factor.rawValue) {
            let suffix = word.dropFirst(factor.rawValue.count)
            let open = options.filter { $0.factor == factor }
            if let option = named(String(suffix), open) { return .option(option) }
            if suffix.isEmpty { return open.first.map { .option($0) } ?? .unclear(hint) }
            guard let number = Int(suffix), number > 0 else { continue }
            return numbered(number, factor).map { .option($0) } ?? .unclear(hint)
        }
        if let option = named(word, options) { return .option(option) }
        if takesPasscodes, let passcode = Self.passcode(word) { return .passcode(passcode) }
        return .unclear(hint)
    }

    private func numbered(_ number: Int, _ factor: Factor) -> Option? {
        let matching = all.filter { $0.factor == factor }
        guard matching.indices.contains(number - 1) else { return nil }
        return options.first { $0.factor == factor && $0.device.id == matching[number - 1].device.id }
    }

    /// The first option whose device is called `word`; none when two devices are.
    private func named(_ word: String, _ options: [Option]) -> Option? {
        let matching = options.filter { option in
            let shown = option.device.displayName
            let names = [option.device.name, shown, String(shown.prefix { $0 != "(" })]
            return names.contains { !word.isEmpty && Self.normal($0) == word }
        }
        return Set(matching.map(\.device.id)).count == 1 ? matching.first : nil
    }

    private static func normal(_ text: String) -> String {
        text.lowercased().filter { !$0.isWhitespace }
    }

    /// 6 to 16 digits (apps, tokens, SMS, bypass codes), or the 32 to 64 letters of a YubiKey's ModHex.
    static func passcode(_ word: String) -> Secret? {
        let isDigits = (6...16).contains(word.count) && word.allSatisfy { ("0"..."9").contains($0) }
        let isModHex = (32...64).contains(word.count) && word.allSatisfy { "cbdefghijklnrtuv".contains($0) }
        return isDigits || isModHex ? Secret(word) : nil
    }

    private var hint: String {
        let words = [Factor.push, .phone, .sms].filter { factor in options.contains { $0.factor == factor } }
        let numbers = options.isEmpty ? [] : [options.count == 1 ? "1" : "a number from 1 to \(options.count)"]
        let choices =
            (preferred == nil ? [] : ["Enter"]) + numbers + words.map(\.rawValue)
            + (takesPasscodes ? ["a passcode"] : [])
        let list = choices.dropLast().joined(separator: ", ")
        return "Please answer with " + (list.isEmpty ? "" : list + " or ") + (choices.last ?? "") + "."
    }

    private static func can(_ device: Device, _ factor: Factor) -> Bool {
        switch factor {
        case .push: device.capabilities.contains(.push)
        case .phone: device.capabilities.contains(.phone)
        case .sms: device.capabilities.contains(.sms)
        case .passcode: false
        }
    }

    private static func label(_ option: Option) -> String {
        let device = option.device.displayName.prefix(labelCap)
        return switch option.factor {
        case .push: "Duo Push to \(device)"
        case .phone: "Phone call to \(device)"
        case .sms: "SMS passcodes to \(device)" + nextCode(option.device)
        case .passcode: ""
        }
    }

    private static func nextCode(_ device: Device) -> String {
        device.smsNextCode.map { " (next code starts with \($0))" } ?? ""
    }
}
