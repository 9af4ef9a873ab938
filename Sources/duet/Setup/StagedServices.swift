import FoundationEssentials
import Glibc

/// The services as they will be, in a folder of their own, for libpam to try before anybody else meets them.
struct StagedServices {
    let folder: String

    init(host: Host, replacements: [String: String]) throws(SetupRun.Stop) {
        var template = Array("/run/duet-setup-XXXXXX".utf8CString)
        if !host.isThisOne { template = Array((host.root + "/duet-setup-XXXXXX").utf8CString) }
        guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) != nil else {
            throw SetupRun.Stop(sentence: "cannot make a folder in /run: \(String(cString: strerror(errno)))")
        }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // What an admin wrote comes before what a package brought: pam.d(5).
        for place in ["/usr/lib/pam.d", "/etc/pam.d"] {
            for name in host.files(place) {
                let path = "\(place)/\(name)"
                guard let text = replacements[path] ?? host.text(path) else { continue }
                do throws(NewFile.Failure) {
                    try NewFile(path: "\(folder)/\(name)", content: Array(text.utf8)).write()
                } catch {
                    throw SetupRun.Stop(sentence: error.sentence)
                }
            }
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
