import DuoAPI
import QRCode

extension Login {
    /// A terminal whose width nobody knows is taken for one of the usual width.
    private static let usualColumns = 80

    /// Shows where to enroll, waits for Enter, and asks Duo again. Nil: the person left, or Duo cannot say.
    func enrolled(_ message: String, portal: String?) async -> PreauthResult? {
        conversation.show(LoginText.said(message, or: LoginText.enroll), isError: true)
        if let portal {
            for chunk in Self.code(portal, columns: conversation.columns ?? Self.usualColumns) {
                conversation.show(chunk, isError: true)
            }
        }
        let prompt = Self.prompt(portal) { conversation.show($0, isError: true) }
        stage(.enrolment)
        guard (try? await conversation.ask(prompt)) != nil, remaining() > .zero else {
            return nil
        }
        return try? await askPreauth()
    }

    /// The prompt with the address in it; an address that is too long for one message is shown piece by piece before.
    static func prompt(_ portal: String?, showing show: (String) -> Void) -> String {
        guard let portal else { return LoginText.enrollPrompt(portal: nil) }
        let whole = LoginText.enrollPrompt(portal: portal)
        if whole.utf8.count <= FactorMenu.promptCap { return whole }
        var rest = portal[...]
        // A URL of Duo's is ASCII: as many characters as bytes.
        while !rest.isEmpty {
            show(String(rest.prefix(FactorMenu.promptCap)))
            rest = rest.dropFirst(FactorMenu.promptCap)
        }
        return LoginText.enrollPrompt(portal: LoginText.addressAbove)
    }

    /// The portal's address as a QR code, in pieces that fit into a message each; none when it is too wide.
    static func code(_ portal: String, columns: Int) -> [String] {
        guard let code = QRCode(portal), code.columns <= columns else { return [] }
        var chunks: [String] = []
        for line in code.lines {
            if let last = chunks.last, last.utf8.count + 1 + line.utf8.count <= FactorMenu.promptCap {
                chunks[chunks.count - 1] = last + "\n" + line
            } else {
                chunks.append(line)
            }
        }
        return chunks
    }
}
