/// The transaction that preauth opens where policy demands a verified push.
struct VerifiedPushOffer: Sendable {
    let txid: String
    let expiresAt: Duration
    var isUsed = false
}
