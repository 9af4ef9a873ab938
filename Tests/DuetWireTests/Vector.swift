import DuetWire
import FoundationEssentials
import Testing

/// A file of Tests/Vectors: the message by its fields, and its bytes. docs/protocol.md, *Vectors*.
struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let expect: String
    let fields: [String: String]
    let bytes: [UInt8]

    var testDescription: String { name }

    static let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Vectors"

    static let all: [Vector] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".hex") }.sorted().compactMap(read)
    }()
    static let messages = all.filter { $0.expect != "refused" }
    static let refused = all.filter { $0.expect == "refused" }

    private static func read(_ file: String) -> Vector? {
        guard let data = FileManager.default.contents(atPath: folder + "/" + file) else { return nil }
        var fields: [String: String] = [:]
        var bytes: [UInt8] = []
        var inHex = false
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            if line == "hex:" {
                inHex = true
            } else if inHex {
                bytes += unhex(line)
            } else if let colon = line.firstIndex(of: ":") {
                fields[String(line[..<colon])] = String(line[colon...].dropFirst(2))
                    .replacing("\\n", with: "\n")
            }
        }
        let expect = fields.removeValue(forKey: "expect") ?? ""
        return Vector(name: String(file.dropLast(4)), expect: expect, fields: fields, bytes: bytes)
    }

    static func unhex(_ text: some StringProtocol) -> [UInt8] {
        let digits = String(text.filter { $0 != " " })
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(digits.dropFirst($0).prefix(2), radix: 16)
        }
    }
}

/// A message of any direction, so that one test can read every vector.
enum AnyMessage: WireMessage, Equatable {
    case module(ModuleMessage)
    case daemon(DaemonMessage)
    case request(ControlRequest)
    case reply(ControlReply)

    static let types = ModuleMessage.types.union(DaemonMessage.types).union(ControlRequest.types)
        .union(ControlReply.types)

    init(_ frame: Frame) throws(WireError) {
        if ModuleMessage.types.contains(frame.type) {
            self = .module(try ModuleMessage(frame))
        } else if DaemonMessage.types.contains(frame.type) {
            self = .daemon(try DaemonMessage(frame))
        } else if ControlRequest.types.contains(frame.type) {
            self = .request(try ControlRequest(frame))
        } else {
            self = .reply(try ControlReply(frame))
        }
    }

    func frame() throws(WireError) -> Frame {
        switch self {
        case .module(let message): try message.frame()
        case .daemon(let message): try message.frame()
        case .request(let message): try message.frame()
        case .reply(let message): try message.frame()
        }
    }

    var isAllow: Bool {
        if case .daemon(.verdict(let verdict)) = self { verdict.result == .allow } else { false }
    }
}
