/// The picture of the phone, line by line; knows no terminal.
package struct PhoneScreen: Sendable {
    package enum Key: Sendable, Equatable {
        case answer(PhoneAnswer)
        case next, quit
    }

    package var waiting: [TransactionSummary] = []
    package var done: [TransactionSummary] = []
    package var note = ""
    private var selected: String?

    package init() {}

    package static func key(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "a"), UInt8(ascii: "A"): .answer(.approve)
        case UInt8(ascii: "d"), UInt8(ascii: "D"): .answer(.deny)
        case UInt8(ascii: "f"), UInt8(ascii: "F"): .answer(.fraud)
        case UInt8(ascii: "n"), UInt8(ascii: "\t"): .next
        // Control-C and control-D, which a raw terminal hands over as bytes.
        case UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4: .quit
        default: nil
        }
    }

    /// The one that a key press answers: the chosen one, else the oldest.
    package var current: TransactionSummary? { waiting.first { $0.txid == selected } ?? waiting.first }

    package mutating func show(_ transactions: [TransactionSummary]) {
        waiting = transactions.filter(\.pending)
        done = transactions.filter { !$0.pending }.suffix(5)
    }

    package mutating func chooseNext() {
        guard let current, let index = waiting.firstIndex(of: current) else { return }
        selected = waiting[(index + 1) % waiting.count].txid
    }

    package func lines(width: Int) -> [String] {
        var lines = [" Duo phone", ""]
        if waiting.isEmpty { lines += ["   No login is waiting.", ""] }
        for transaction in waiting {
            let isCurrent = transaction.txid == current?.txid
            lines += isCurrent ? Self.card(transaction) : [Self.title(transaction, mark: " ", user: true)]
            lines.append("")
        }
        if !done.isEmpty {
            lines += [" Before:"] + done.map { "   \(Self.who($0))  \($0.factor)  \($0.state)" } + [""]
        }
        if !note.isEmpty { lines += [" \(note)", ""] }
        lines.append(
            waiting.isEmpty
                ? " q quit" : " a approve   d deny   f fraud\(waiting.count > 1 ? "   n next" : "")   q quit")
        return lines.map { String(PrintableText.clean($0).prefix(max(20, width))) }
    }

    private static func who(_ transaction: TransactionSummary) -> String {
        transaction.displayUsername ?? transaction.user
    }

    private static func title(_ transaction: TransactionSummary, mark: String, user: Bool) -> String {
        let what = transaction.factor == "phone" ? "Phone call" : "\(transaction.type ?? "Login") request"
        let left = transaction.secondsLeft.map { "  \($0) s left" } ?? ""
        return " \(mark) \(what)\(user ? " of \(who(transaction))" : "")\(left)"
    }

    private static func card(_ transaction: TransactionSummary) -> [String] {
        var rows: [(String, String)] = [("user", who(transaction)), ("device", transaction.deviceName ?? "")]
        let from = [transaction.ipaddr, transaction.hostname].compactMap { $0 }.joined(separator: ", ")
        rows.append(("from", from.isEmpty ? "unknown" : from))
        for pair in transaction.pushinfo.flatMap({ Parameters(form: $0) })?.pairs.prefix(12) ?? [] {
            rows.append((pair.name, pair.value))
        }
        if let code = transaction.verificationCode { rows.append(("code", "\(code), to be typed by the user")) }
        let width = rows.map(\.0.count).max() ?? 0
        return [title(transaction, mark: ">", user: false)]
            + rows.map { "     \($0)\(String(repeating: " ", count: max(0, width - $0.count)))  \($1)" }
    }
}
