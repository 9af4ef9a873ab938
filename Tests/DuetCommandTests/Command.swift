import Foundation

/// The `duet` that was built with these tests, run as a process.
enum Command {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let error: String
    }

    /// Where the built programs are.
    static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    /// The top of the source tree.
    static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func duet(_ arguments: String...) async throws -> Result { try await duet(arguments) }

    static func duet(_ arguments: [String]) async throws -> Result {
        try await run(folder.appendingPathComponent("duet").path, arguments)
    }

    /// Neither its output nor its error may be long: both are read to their ends, one after the other.
    static func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        let error = Pipe()
        let standardInput = Pipe()
        process.standardInput = input.isEmpty ? FileHandle.nullDevice : standardInput
        process.standardOutput = output
        process.standardError = error
        try process.run()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    if !input.isEmpty {
                        standardInput.fileHandleForWriting.write(Data(input.utf8))
                        try? standardInput.fileHandleForWriting.close()
                    }
                    let said = output.fileHandleForReading.readDataToEndOfFile()
                    let complained = error.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    continuation.resume(
                        returning: Result(
                            status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
                            error: String(decoding: complained, as: UTF8.self)))
                }
            }
        } onCancel: {
            // Not SIGTERM: children inherit a mask that blocks it.
            kill(process.processIdentifier, SIGKILL)
        }
    }
}
