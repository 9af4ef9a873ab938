/// What a fuzz target found: a rule of ours that an input breaks.
struct BrokenRule: Error {
    let rule: String
}

func rule(_ holds: Bool, _ rule: String) throws(BrokenRule) {
    guard holds else { throw BrokenRule(rule: rule) }
}
