import DuetConfiguration
import Glibc

/// Adds Duet to a PAM service: where the first factor has been asked, so that a wrong password sends no push.
struct ServiceEdit {
    enum FirstFactor: Equatable {
        /// What the service asks for now.
        case asItIs
        /// A key that sshd has accepted: PAM asks for Duet alone.
        case key
    }

    enum Refusal: Error, Equatable {
        case missing
        case link
        /// The bytes of a character set of old: they would not come back as they were.
        case notUTF8
        /// The line that asks for the password goes over several lines.
        case continued
        /// Nothing that asks for a password was found.
        case noPassword
        /// However it is put in, this remains.
        case fault(PAMStackReview.Fault)
    }

    let service: String
    let host: Host
    var firstFactor = FirstFactor.asItIs
    /// The module as the line names it.
    var module = "pam_duet.so"

    var path: String { "/etc/pam.d/\(service)" }

    /// The new content of the file; nil when the service asks Duet already.
    func newText() throws(Refusal) -> String? {
        guard PAMStack(service: service, host: host).duet.isEmpty else { return nil }
        guard let status = host.status(path), let old = host.text(path) else { throw .missing }
        // It belongs to authselect, or to somebody else.
        guard status.st_mode & S_IFMT == S_IFREG else { throw .link }
        guard host.isUTF8(path) else { throw .notUTF8 }
        let lines = PAMLine.parse(old, file: path).filter { $0.type == "auth" }
        let asking = lines.filter(asksForFirstFactor)
        guard let last = asking.last, let first = asking.first else { throw .noPassword }
        guard asking.allSatisfy({ $0.number == $0.lastNumber }) else { throw .continued }
        let texts = old.fileLines
        let duet = "auth       required     \(module)"
        var candidates: [[String]] = []
        switch firstFactor {
        case .key:
            let numbers = Set(asking.map(\.number))
            let range = first.number...last.number
            let kept = range.map { numbers.contains($0) ? MarkedBlock.was + texts[$0 - 1] : texts[$0 - 1] }
            candidates = [splice(texts, range, kept + [duet])]
        case .asItIs:
            let place = last.number...last.number
            let line = texts[last.number - 1]
            candidates = [splice(texts, place, [duet], keeps: true)]
            if case .actions = last.control, asking.count == 1 {
                let words = (["auth       requisite   ", last.module] + last.arguments).joined(separator: " ")
                candidates.append(splice(texts, place, [MarkedBlock.was + line, words, duet]))
            }
        }
        var fault: PAMStackReview.Fault?
        for candidate in candidates {
            let text = candidate.joined(separator: "\n")
            fault = self.fault(of: text)
            if fault == nil { return text }
        }
        throw .fault(fault ?? .neverGrants)
    }

    private func asksForFirstFactor(_ line: PAMLine) -> Bool {
        switch line.control {
        case .actions: line.kind == .firstFactor
        case .include, .substack: !PAMStack(service: line.module, host: host).firstFactors.isEmpty
        }
    }

    private func splice(
        _ texts: [String], _ range: ClosedRange<Int>, _ lines: [String], keeps: Bool = false
    ) -> [String] {
        let before = texts[..<(keeps ? range.upperBound : range.lowerBound - 1)]
        return before + MarkedBlock.text(lines) + texts[range.upperBound...]
    }

    private func fault(of text: String) -> PAMStackReview.Fault? {
        let stack = PAMStack(service: service, host: host, replacements: [path: text])
        return PAMStackReview(stack: stack).faults.first { fault in
            switch fault {
            case .skippedIf: false
            case .noFirstFactor: firstFactor != .key
            case .broken, .denialPasses, .skipped, .pushAfterWrongPassword, .neverGrants, .ignoreRefuses: true
            }
        }
    }
}
