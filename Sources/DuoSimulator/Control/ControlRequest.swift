/// The fields of a control request, typed.
struct ControlRequest {
    let fields: JSON

    func text(_ name: String) throws(ControlError) -> String {
        guard let field = fields[name] else { throw .missing(name) }
        guard let text = field.string else { throw .wrong(name, use: "a string") }
        return text
    }

    func number(_ name: String) throws(ControlError) -> Int? {
        guard let field = fields[name] else { return nil }
        guard let number = field.int, abs(number) < 1_000_000_000 else { throw .wrong(name, use: "a whole number") }
        return number
    }

    func milliseconds(_ name: String) throws(ControlError) -> Duration? {
        guard let number = try number(name) else { return nil }
        guard number >= 0 else { throw .wrong(name, use: "milliseconds from 0 on") }
        return .milliseconds(number)
    }

    func phoneAnswer() throws(ControlError) -> PhoneAnswer {
        guard let answer = PhoneAnswer(rawValue: try text("answer")) else {
            throw .wrong("answer", use: PhoneAnswer.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return answer
    }

    func autoAnswer() throws(ControlError) -> PhoneAnswer? {
        let word = try text("answer")
        if word == "ignore" { return nil }
        guard let answer = PhoneAnswer(rawValue: word) else {
            throw .wrong("answer", use: "approve, deny, fraud, timeout, ignore")
        }
        return answer
    }

    func fault() throws(ControlError) -> Fault {
        switch try text("kind") {
        case "drop_before_answer": return .dropBeforeAnswer
        case "garbage": return .garbage
        case "body": return .body(try text("body"))
        case "delay":
            guard let delay = try milliseconds("delay_ms") else { throw .missing("delay_ms") }
            return .delay(delay)
        case "status":
            guard let status = try number("status"), (100...599).contains(status) else {
                throw .wrong("status", use: "an HTTP status")
            }
            return .status(status, code: try number("code"))
        default: throw .wrong("kind", use: "drop_before_answer, status, delay, garbage, body")
        }
    }
}
