/// The table `[push]`: how pushes are worded, and when they stop.
package struct PushSettings: Sendable, Equatable {
    package var wording: PushWording
    package var limits: PushLimits

    package init(wording: PushWording = PushWording(), limits: PushLimits = .standard) {
        self.wording = wording
        self.limits = limits
    }

    package var settings: [Setting.Entry] {
        var entries: [Setting.Entry] = []
        if let type = wording.type { entries.append(.init("type", .text(type))) }
        if let name = wording.displayUsername { entries.append(.init("display_username", .text(name))) }
        return entries + [
            .init("max_pending", .number(limits.maxPending)), .init("max_denied", .number(limits.maxDenied)),
            .init("window", .text(limits.window.settingText)), .init("cooldown", .text(limits.cooldown.settingText)),
            .init("max_sms", .number(limits.maxSMS)), .init("fraud_cooldown", .text(limits.fraudCooldown.settingText)),
        ]
    }
}
