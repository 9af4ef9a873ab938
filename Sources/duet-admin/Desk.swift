import DuetCommandLine
import DuoAPI
import DuoAdminAPI
import Glibc

/// Where a verb does its work: a Duo, and somebody to tell.
struct Desk: Sendable {
    let admin: AdminAPI
    let json: Bool
    /// The child account's name, where one was chosen.
    let account: String?

    /// Asks Duo something; what goes wrong becomes a sentence.
    func explaining<Answer>(
        _ ask: (AdminAPI) async throws(AdminError) -> Answer
    ) async throws(Refusal) -> Answer {
        do throws(AdminError) {
            return try await ask(admin)
        } catch {
            throw refusal(error)
        }
    }

    func refusal(_ error: AdminError) -> Refusal {
        let sentence = error.explanation(host: admin.host, kind: admin.kind)
        switch error {
        case .notFound, .ambiguous: return Refusal(sentence: sentence, status: .degraded)
        case .duo(.rejected(404, _, _, _)): return Refusal(sentence: sentence, status: .degraded)
        case .duo(let cause), .outcomeUnknown(let cause): return Refusal(sentence: "\(cause.code) \(sentence)")
        case .invalid: return Refusal(sentence: sentence)
        }
    }

    /// Has Duo change something, and logs who wanted what, before and after. `what` is a phrase for people: "delete
    /// user alice (DU…)".
    func change<Answer>(
        _ call: () throws(AdminError) -> APICall, _ what: String,
        _ send: (AdminAPI, APICall) async throws(AdminError) -> Answer
    ) async throws(Refusal) -> Answer {
        let prepared: APICall
        do throws(AdminError) { prepared = try call().checked() } catch { throw refusal(error) }
        let log = WriteLog(what: what + (account.map { " in account \($0)" } ?? ""), call: prepared, host: admin.host)
        log.begins()
        do throws(AdminError) {
            let answer = try await send(admin, prepared)
            log.ends("done")
            return answer
        } catch {
            let refusal = refusal(error)
            log.ends(refusal.sentence)
            throw refusal
        }
    }

    @discardableResult
    func change(_ call: @autoclosure () throws(AdminError) -> APICall, _ what: String) async throws(Refusal)
        -> JSONValue
    {
        try await change(call, what) { (admin, call) throws(AdminError) in try await admin.send(call).response }
    }

    /// Nobody there to ask is no.
    func confirm(_ question: String, yes: Bool) throws(Refusal) {
        if yes { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Refusal(
                sentence: "nothing was done: there is no terminal to ask on; --yes does it without asking",
                status: .degraded)
        }
        guard Terminal.confirms(question) else { throw Refusal(sentence: "nothing was done", status: .degraded) }
    }

    func show(_ value: JSONValue, _ text: @autoclosure () -> String) {
        print(json ? value.pretty : text())
    }

    func show(table head: [String], _ rows: [(json: JSONValue, columns: [String])], nothing: String) {
        show(
            .array(rows.map(\.json)),
            rows.isEmpty ? nothing : Table.text([head] + rows.map { $0.columns.map { $0.isEmpty ? "-" : $0 } }))
    }

    /// Lines of a name and a value; those without a value are left out.
    static func details(_ lines: [(String, String)]) -> String {
        Table.text(lines.filter { !$0.1.isEmpty }.map { [$0.0, $0.1] })
    }
}
