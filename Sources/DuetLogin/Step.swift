/// What one attempt within a login leads to.
enum Step: Sendable {
    /// The login has ended.
    case end(Outcome)
    /// The attempt failed, and another may follow. `outcome` is how the login ends if none does; `prompt` is asked
    /// instead of the menu.
    case next(Outcome, prompt: String? = nil)
    /// A push or a call has to be sent.
    case sends(Approval)
    /// The person chose something else.
    case follow(FactorMenu.Option)
}
