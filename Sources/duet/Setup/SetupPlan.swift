/// What `duet setup` will change, before it changes anything.
struct SetupPlan {
    struct Change {
        let path: String
        let old: String
        let new: String
    }

    struct Failure: Error {
        let sentence: String
    }

    /// sshd first: with a key as the first factor PAM must not ask for Duet alone while sshd still takes passwords.
    private(set) var changes: [Change] = []
    /// Services that ask Duet already.
    private(set) var done: [String] = []

    init(
        host: Host, services: [String], sshFirstFactor: ServiceEdit.FirstFactor, module: String
    ) throws(Failure) {
        if services.contains("sshd") {
            if let new = SSHDEdit(host: host, firstFactor: sshFirstFactor).newText {
                changes.append(Change(path: SSHDEdit.path, old: host.text(SSHDEdit.path) ?? "", new: new))
            }
        }
        for service in services {
            let edit = ServiceEdit(
                service: service, host: host, firstFactor: service == "sshd" ? sshFirstFactor : .asItIs, module: module)
            let new: String?
            do throws(ServiceEdit.Refusal) {
                new = try edit.newText()
            } catch {
                let old = PAMStack(service: service, host: host).duoUnix.first
                throw Failure(sentence: old.map { Self.asksTwice(service, $0) } ?? Self.sentence(error, service))
            }
            guard let new else {
                done.append(service)
                continue
            }
            if let line = PAMStack(service: service, host: host, replacements: [edit.path: new]).duoUnix.first {
                throw Failure(sentence: Self.asksTwice(service, line))
            }
            changes.append(Change(path: edit.path, old: host.text(edit.path) ?? "", new: new))
        }
    }

    /// The new contents by their paths.
    var replacements: [String: String] { Dictionary(uniqueKeysWithValues: changes.map { ($0.path, $0.new) }) }

    var diff: String { changes.map { UnifiedDiff.text(path: $0.path, old: $0.old, new: $0.new) }.joined() }

    /// With the other services of a kind that have files of their own.
    static func companions(_ services: [String], _ host: Host) -> [String] {
        let pairs = ["sudo": "sudo-i", "su": "su-l"]
        var all: [String] = []
        for service in services {
            for name in [service, pairs[service]].compactMap(\.self) where !all.contains(name) {
                if name == service || host.status("/etc/pam.d/\(name)") != nil { all.append(name) }
            }
        }
        // One that only includes another is done with that one.
        return all.filter { name in
            guard let text = host.text("/etc/pam.d/\(name)") else { return true }
            return !PAMLine.parse(text, file: name).contains {
                $0.type == "auth" && all.contains($0.module) && $0.module != name
            }
        }
    }

    private static func asksTwice(_ service: String, _ line: PAMLine) -> String {
        "\(service) asks duo_unix (\(line.place)), and would ask twice: name pam_duet.so in that line instead; "
            + "operations.md, From duo_unix, says how"
    }

    private static func sentence(_ refusal: ServiceEdit.Refusal, _ service: String) -> String {
        let byHand = "edit it by hand: pam_duet(8), NOTES; duet doctor checks the order"
        switch refusal {
        case .missing: return "/etc/pam.d/\(service) is not there"
        case .link: return "/etc/pam.d/\(service) is a link, as authselect makes them: \(byHand)"
        case .noPassword: return "/etc/pam.d/\(service) asks for no password that Duet could stand behind: \(byHand)"
        case .fault(let fault):
            return "/etc/pam.d/\(service) cannot be changed safely (\(fault)): \(byHand)"
        }
    }
}
