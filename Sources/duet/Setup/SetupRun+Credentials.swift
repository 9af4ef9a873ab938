import DuetConfiguration
import FoundationEssentials
import Glibc
import Secrets

extension SetupRun {
    /// Those that Duo accepts. Nil: the configuration that is there stays.
    func credentials() async throws -> SetupCredentials? {
        let path = host.path(Configuration.defaultPath)
        let isGiven = options.integrationKey != nil || options.apiHost != nil || options.secretKeyFile != nil
        if !isGiven, access(path, F_OK) == 0 {
            do throws(ConfigurationError) {
                _ = try Configuration.load(path: path)
            } catch {
                throw Stop(sentence: "\(error.report)\nduet: mend it, or move it away")
            }
            questions.say("\(path) stands, and stays as it is")
            return nil
        }
        var before: SetupCredentials?
        while true {
            let credentials = try enter(before)
            questions.say("asking Duo …")
            guard let fault = await credentials.fault() else {
                questions.say("Duo accepts the credentials")
                return credentials
            }
            guard !options.yes, !isGiven, !options.dryRun else {
                throw Stop(sentence: "\(fault)\nduet: nothing was changed")
            }
            questions.say(fault)
            guard questions.agrees("Enter them again?", standard: true) else {
                throw Stop(sentence: "nothing was changed")
            }
            before = credentials
        }
    }

    /// `before`: what Enter alone leaves as it was.
    private func enter(_ before: SetupCredentials?) throws -> SetupCredentials {
        SetupCredentials(
            integrationKey: try answer(
                options.integrationKey, "--integration-key", "Integration key (DI…)", before?.integrationKey,
                fault: SetupCredentials.fault(integrationKey:)),
            apiHost: try answer(
                options.apiHost, "--api-host", "API host (api-….duosecurity.com)", before?.apiHost,
                fault: SetupCredentials.fault(apiHost:)),
            secretKey: try secretKey(before?.secretKey), caFile: options.caFile, isCredential: host.isSystemd)
    }

    /// Until it can be right: only Duo knows whether it is.
    private func answer(
        _ given: String?, _ option: String, _ question: String, _ before: String?, fault: (String) -> String?
    ) throws -> String {
        if let given { return given }
        guard !options.yes else { throw Stop(sentence: "--yes needs \(option)") }
        while true {
            guard let answer = questions.ask(question, standard: before) else {
                throw Stop(sentence: "nothing was changed")
            }
            guard let fault = fault(answer) else { return answer }
            questions.say(fault)
        }
    }

    private func secretKey(_ before: Secret?) throws -> Secret {
        guard let file = options.secretKeyFile else {
            guard !options.yes else { throw Stop(sentence: "--yes needs --secret-key-file") }
            while true {
                let kept = before == nil ? "" : "; Enter keeps the one before"
                guard let secret = questions.secret("Secret key (is not shown\(kept))") else {
                    throw Stop(sentence: "nothing was changed")
                }
                if let before, secret.count == 0 { return before }
                guard let fault = SetupCredentials.fault(secretKey: secret) else { return secret }
                questions.say(fault)
            }
        }
        guard let data = FileManager.default.contents(atPath: file), data.count < 4096 else {
            throw Stop(sentence: "cannot read \(file)")
        }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return Secret(bytes: Array(data.drop(while: isSpace).reversed().drop(while: isSpace).reversed()))
    }
}
