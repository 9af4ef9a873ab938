import DuetPolicy

/// Reads the table `[push]`.
struct PushSettingsReader {
    /// Bytes of a wording at most: a notification shows no more.
    private static let wordingCap = 64

    func settings(_ table: TableReader) -> PushSettings {
        table.refuseUnknown(
            known: [
                "type", "display_username", "max_pending", "max_denied", "window", "cooldown", "max_sms",
                "fraud_cooldown",
            ],
            foreign: ["pushinfo": "Duet always says what is approved"])
        var settings = PushSettings()
        settings.wording.type = table.line("type", cap: Self.wordingCap)
        settings.wording.displayUsername = table.line("display_username", cap: Self.wordingCap)
        if let count = table.integer("max_pending", in: PushLimits.pendingCounts) { settings.limits.maxPending = count }
        if let count = table.integer("max_denied", in: PushLimits.deniedCounts) { settings.limits.maxDenied = count }
        if let window = table.duration("window", in: PushLimits.windows) { settings.limits.window = window }
        if let time = table.duration("cooldown", in: PushLimits.cooldowns) { settings.limits.cooldown = time }
        if let count = table.integer("max_sms", in: PushLimits.smsCounts) { settings.limits.maxSMS = count }
        if let time = table.duration("fraud_cooldown", in: PushLimits.cooldowns) {
            settings.limits.fraudCooldown = time
        }
        return settings
    }
}
