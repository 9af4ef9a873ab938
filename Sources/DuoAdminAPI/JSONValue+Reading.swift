import DuoAPI

extension JSONValue {
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    package var array: [JSONValue]? {
        guard case .array(let array) = self else { return nil }
        return array
    }

    /// A text that is safe to print; a number and a flag as text; nil for everything else.
    package var text: String? {
        switch self {
        case .string(let string): Printable(string).text
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .bool(let bool): bool ? "1" : "0"
        case .null, .array, .object: nil
        }
    }

    /// A whole number, also one in quotes.
    package var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .string(let string): Int64(string)
        case .null, .bool, .number, .array, .object: nil
        }
    }

    /// A flag, also `0` and `1`, in quotes or not.
    package var flag: Bool? {
        switch self {
        case .bool(let bool): bool
        case .integer(0), .string("0"), .string("false"): false
        case .integer(1), .string("1"), .string("true"): true
        case .null, .integer, .number, .string, .array, .object: nil
        }
    }
}
