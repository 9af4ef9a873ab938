/// /admin/v1/settings
extension Tenant {
    /// As mixed in its types as Duo's.
    static let standardSettings: [String: JSON] = [
        "name": "Simulated account", "lockout_threshold": 10, "lockout_expire_duration": .null,
        "inactive_user_expiration": 90, "pending_deletion_days": 7, "log_retention_days": .null,
        "unenrolled_user_lockout_threshold": .null, "sms_batch": 1, "sms_expiration": 0, "sms_refresh": 0,
        "sms_message": "SMS passcodes", "fraud_email": "", "fraud_email_enabled": true, "keypress_confirm": "#",
        "keypress_fraud": "*", "timezone": "UTC", "language": "EN", "caller_id": "+17345550100",
        "telephony_warning_min": 0, "user_telephony_cost_max": 20, "minimum_password_length": 12,
        "password_requires_upper_alpha": true, "password_requires_lower_alpha": true, "password_requires_numeric": true,
        "password_requires_special": false, "helpdesk_bypass": "allow", "helpdesk_bypass_expiration": 0,
        "helpdesk_message": "", "helpdesk_can_send_enroll_email": false,
        "user_managers_can_put_users_in_bypass": true, "security_checkup_enabled": 0,
        "email_activity_notification_enabled": false, "push_activity_notification_enabled": false,
        "enrollment_universal_prompt_enabled": true,
    ]

    static let settingKinds: [String: ParameterRules.Kind] = [
        "lockout_threshold": .number(1...9999), "lockout_expire_duration": .number(0...30_000),
        "inactive_user_expiration": .number(30...365), "pending_deletion_days": .number(1...365),
        "log_retention_days": .number(0...36_500), "unenrolled_user_lockout_threshold": .number(1...36_500),
        "sms_batch": .number(1...10), "sms_expiration": .blank, "sms_refresh": .flag, "sms_message": .blank,
        "fraud_email": .blank, "fraud_email_enabled": .flag, "keypress_confirm": .blank, "keypress_fraud": .blank,
        "timezone": .text, "language": .oneOf(["EN", "DE", "FR"]), "caller_id": .text,
        "telephony_warning_min": .number(0...1_000_000), "user_telephony_cost_max": .number(0...1_000_000),
        "minimum_password_length": .number(12...100), "password_requires_upper_alpha": .flag,
        "password_requires_lower_alpha": .flag, "password_requires_numeric": .flag, "password_requires_special": .flag,
        "helpdesk_bypass": .oneOf(["allow", "limit", "deny"]), "helpdesk_bypass_expiration": .number(0...1_000_000),
        "helpdesk_message": .blank, "helpdesk_can_send_enroll_email": .flag,
        "user_managers_can_put_users_in_bypass": .flag, "security_checkup_enabled": .flag,
        "email_activity_notification_enabled": .flag, "push_activity_notification_enabled": .flag,
        "enrollment_universal_prompt_enabled": .flag,
    ]

    mutating func updateSettings(_ parameters: Parameters) throws(APIFailure) -> JSON {
        var changed = 0
        for pair in parameters.pairs where pair.name != "account_id" {
            changed += 1
            if pair.name == "lockout_expire_duration", ["1", "2", "3", "4"].contains(pair.value) {
                throw .invalid(pair.name)
            }
            settings[pair.name] = Self.value(pair.value, like: Self.standardSettings[pair.name])
            if pair.name == "lockout_threshold", let number = Int(pair.value) { directory.lockoutThreshold = number }
            if pair.name == "sms_batch", let number = Int(pair.value) { directory.smsBatch = number }
        }
        guard changed > 0 else { throw .missing("at least one setting") }
        return .object(settings)
    }

    private static func value(_ text: String, like standard: JSON?) -> JSON {
        switch standard {
        case .bool: .bool(text == "1")
        case .int, .null: Int(text).map { $0 == 0 && standard == .null ? .null : .int($0) } ?? .null
        default: .string(text)
        }
    }
}
