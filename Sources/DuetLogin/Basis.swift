/// The preauth that a login goes by, as far as its end has to know.
final class Basis: Sendable {
    /// Duo has said it to an earlier login.
    let isKept: Bool
    /// What a later login may go by, once Duo has allowed a factor.
    let keepable: KeptPreauths.Answer?
    /// How long Duo took; nil where it was not asked by this login.
    let preauthTime: Duration?

    init(_ preauth: Preauth, took time: Duration) {
        isKept = preauth.isKept
        keepable = preauth.keepable
        preauthTime = if case .duo = preauth.source { time } else { nil }
    }
}
