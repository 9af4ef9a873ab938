/// A setting of a Duo account: its name, and what it may be.
package struct SettingField: Sendable {
    package enum Kind: Sendable {
        case flag
        case number(ClosedRange<Int>)
        /// A number in the range, or this one, which means something else.
        case numberOr(Int, means: String, ClosedRange<Int>)
        case word([String])
        case text(limit: Int)
    }

    package let name: String
    package let kind: Kind

    /// What Duo documents; legacy ones that it ignores are left out.
    package static let all: [SettingField] = [
        .init("lockout_threshold", .number(1...9999)),
        .init("lockout_expire_duration", .numberOr(0, means: "never", 5...30_000)),
        .init("inactive_user_expiration", .number(30...365)), .init("pending_deletion_days", .number(1...30)),
        .init("log_retention_days", .numberOr(0, means: "off", 1...36_500)),
        .init("unenrolled_user_lockout_threshold", .number(1...365)), .init("sms_batch", .number(1...10)),
        .init("sms_expiration", .number(1...525_600)), .init("sms_refresh", .flag),
        .init("sms_message", .text(limit: 160)), .init("fraud_email", .text(limit: 254)),
        .init("fraud_email_enabled", .flag), .init("keypress_confirm", .text(limit: 12)),
        .init("keypress_fraud", .text(limit: 12)), .init("timezone", .text(limit: 64)),
        .init("language", .word(["EN", "DE", "FR"])), .init("caller_id", .text(limit: 20)),
        .init("telephony_warning_min", .number(0...1_000_000)),
        .init("user_telephony_cost_max", .number(0...1_000_000)),
        .init("minimum_password_length", .number(12...100)), .init("password_requires_upper_alpha", .flag),
        .init("password_requires_lower_alpha", .flag), .init("password_requires_numeric", .flag),
        .init("password_requires_special", .flag), .init("helpdesk_bypass", .word(["allow", "limit", "deny"])),
        .init("helpdesk_bypass_expiration", .number(0...1_000_000)), .init("helpdesk_message", .text(limit: 1024)),
        .init("helpdesk_can_send_enroll_email", .flag), .init("user_managers_can_put_users_in_bypass", .flag),
        .init("security_checkup_enabled", .flag), .init("email_activity_notification_enabled", .flag),
        .init("push_activity_notification_enabled", .flag), .init("enrollment_universal_prompt_enabled", .flag),
    ]

    private init(_ name: String, _ kind: Kind) {
        (self.name, self.kind) = (name, kind)
    }

    /// The value as Duo takes it.
    package func value(_ text: String) throws(AdminError) -> String {
        switch kind {
        case .flag:
            switch text {
            case "1", "true", "yes", "on": return "1"
            case "0", "false", "no", "off": return "0"
            default: throw .invalid(name: name, why: "it must be true or false")
            }
        case .number(let range):
            guard let number = Int(text), range.contains(number) else {
                throw .invalid(name: name, why: "it must be a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return "\(number)"
        case .numberOr(let special, let meaning, let range):
            guard let number = Int(text), range.contains(number) || number == special else {
                throw .invalid(
                    name: name,
                    why:
                        "it must be a number from \(range.lowerBound) to \(range.upperBound), or \(special): \(meaning)"
                )
            }
            return "\(number)"
        case .word(let words):
            guard words.contains(text) else {
                throw .invalid(name: name, why: "it must be one of \(words.joined(separator: ", "))")
            }
            return text
        case .text(let limit):
            guard text.count <= limit else { throw .invalid(name: name, why: "it must be at most \(limit) characters") }
            return text
        }
    }
}
