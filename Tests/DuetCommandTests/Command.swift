import Foundation

/// The `duet` that was built with these tests, run as a process.
enum Command {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let error: String
    }

    static func duet(_ arguments: String...) async throws -> Result { try await duet(arguments) }

    static func duet(_ arguments: [String]) async throws -> Result {
        let process = Process()
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process.executableURL = folder.appendingPathComponent("duet")
        process.arguments = arguments
        let output = Pipe()
        let error = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        try process.run()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    // Neither fills a pipe: both are read to their ends, one after the other, and are short.
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
