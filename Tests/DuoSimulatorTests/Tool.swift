import Foundation

/// A system command with input and output, for the tests that need a foreign TLS or HTTP implementation.
enum Tool {
    static func run(_ arguments: [String], input: String = "") async throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let input = Data(input.utf8)
        let stdin = Pipe()
        let stdout = Pipe()
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    try? stdin.fileHandleForWriting.write(contentsOf: input)
                    try? stdin.fileHandleForWriting.close()
                }
                DispatchQueue.global().async {
                    let output = stdout.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    continuation.resume(returning: output)
                }
            }
        } onCancel: {
            // Not SIGTERM: children inherit a mask that blocks it.
            kill(process.processIdentifier, SIGKILL)
        }
    }
}
