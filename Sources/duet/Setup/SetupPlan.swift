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
    /// What stands in a stack and is not this plan's to mend.
    private(set) var warnings: [String] = []

    init(
        host: Host, services: [String], sshFirstFactor: ServiceEdit.FirstFactor, module: String
    ) throws(Failure) {
        if services.contains("sshd") {
            do throws(SSHDEdit.Refusal) {
                if let new = try SSHDEdit(host: host, firstFactor: sshFirstFactor).newText() {
                    changes.append(Change(path: SSHDEdit.path, old: host.text(SSHDEdit.path) ?? "", new: new))
                }
            } catch {
                throw Failure(sentence: Self.sentence(error))
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
                throw Failure(sentence: old.map { Self.asksTwice(service, $0) } ?? Self.sentence(error, service, host))
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
        let sshd = PAMStack(service: "sshd", host: host, replacements: replacements)
        if services.contains("sshd"), sshFirstFactor == .asItIs, sshd.firstFactors.isEmpty {
            throw Failure(
                sentence:
                    "/etc/pam.d/sshd asks Duet and no password before it, as behind a key: Duet would be all that is asked. "
                    + "duet setup --undo first, or --ssh key")
        }
        warnings = services.flatMap { Self.warnings($0, host, replacements, sshFirstFactor) }
    }

    /// Who gets in beside Duet, or cannot, in a service that asks it then.
    private static func warnings(
        _ service: String, _ host: Host, _ replacements: [String: String], _ sshFirstFactor: ServiceEdit.FirstFactor
    ) -> [String] {
        let stack = PAMStack(service: service, host: host, replacements: replacements)
        // The key that sshd has asked for is not in the stack.
        let isBehindKey = service == "sshd" && sshFirstFactor == .key
        return PAMStackReview(stack: stack).faults.filter { !isBehindKey || $0 != .noFirstFactor }
            .map { PAMStackCheck.finding($0, stack, PAMStackCheck()).text }
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

    private static func sentence(_ refusal: SSHDEdit.Refusal) -> String {
        switch refusal {
        case .unreadable:
            "\(SSHDEdit.path) is not there, or not a file of UTF-8 text: put AuthenticationMethods into sshd's configuration by "
                + "hand; duet doctor checks it"
        case .link: "\(SSHDEdit.path) is a link: edit by hand what it leads to; duet doctor checks it"
        case .otherBlock:
            "\(SSHDEdit.path) has another block between \(MarkedBlock.begin) and \(MarkedBlock.end), or not at its top: duet setup "
                + "--undo first, or take it out"
        }
    }

    private static func sentence(_ refusal: ServiceEdit.Refusal, _ service: String, _ host: Host) -> String {
        let byHand = "edit it by hand: pam_duet(8), NOTES; duet doctor checks the order"
        switch refusal {
        case .missing: return "/etc/pam.d/\(service) is not there"
        case .link: return "/etc/pam.d/\(service) is a link, as authselect makes them: \(byHand)"
        case .notUTF8: return "/etc/pam.d/\(service) is not UTF-8: \(byHand)"
        case .continued:
            return "the line of /etc/pam.d/\(service) that asks for the password goes over several lines: \(byHand)"
        case .noPassword: return "/etc/pam.d/\(service) asks for no password that Duet could stand behind: \(byHand)"
        case .fault(let fault):
            let stack = PAMStack(service: service, host: host)
            return
                "/etc/pam.d/\(service) cannot be changed safely (\(PAMStackCheck.finding(fault, stack, PAMStackCheck()).text)): "
                + byHand
        }
    }
}
