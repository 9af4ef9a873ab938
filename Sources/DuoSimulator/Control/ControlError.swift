/// What is wrong with a control request.
enum ControlError: Error, CustomStringConvertible {
    case missing(String)
    case wrong(String, use: String)

    var description: String {
        switch self {
        case .missing(let name): "\"\(name)\" is missing"
        case .wrong(let name, let use): "\"\(name)\" is wrong; use \(use)"
        }
    }
}
