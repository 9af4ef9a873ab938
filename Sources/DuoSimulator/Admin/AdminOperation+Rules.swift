extension AdminOperation {
    /// Entries of one page at most.
    var longestPage: Int {
        switch self {
        case .listUsers: 300
        default: 500
        }
    }

    /// Without `account_id`, which goes with every call for a child account.
    var rules: ParameterRules {
        switch self {
        case .listUsers: list(["username": .text, "email": .text])
        case .listPhones: list(["number": .text, "extension": .text])
        case .listCodes, .listCodesOfUser, .listPhonesOfUser: list([:])
        case .createUser: Self.user(isNew: true)
        case .updateUser: Self.user(isNew: false)
        case .enrollUser:
            ParameterRules(
                ["username": .text, "email": .text, "valid_secs": .number(0...2_147_483_647)],
                required: ["username", "email"])
        case .syncUser: ParameterRules(["username": .text], required: ["username"])
        case .createCodes:
            ParameterRules([
                "count": .number(1...10), "codes": .text, "reuse_count": .number(0...1_000_000),
                "valid_secs": .number(0...2_147_483_647), "preserve_existing": .oneOf(["0", "1", "true", "false"]),
            ])
        case .associatePhone: ParameterRules(["phone_id": .text], required: ["phone_id"])
        case .createPhone, .updatePhone: Self.phone
        case .activationURL:
            ParameterRules(["valid_secs": .number(1...2_147_483_647), "install": .flag])
        case .smsActivation:
            ParameterRules([
                "valid_secs": .number(1...2_147_483_647), "install": .flag, "installation_msg": .text,
                "activation_msg": .text,
            ])
        case .smsInstallation: ParameterRules(["installation_msg": .text])
        case .updateSettings: ParameterRules(Tenant.settingKinds)
        case .createAccount: ParameterRules(["name": .text], required: ["name"])
        case .deleteAccount: ParameterRules(["account_id": .text], required: ["account_id"])
        case .showUser, .deleteUser, .dissociatePhone, .showCode, .deleteCode, .showPhone, .deletePhone, .smsPasscodes,
            .showSettings, .listAccounts:
            ParameterRules([:])
        }
    }

    private func list(_ filters: [String: ParameterRules.Kind]) -> ParameterRules {
        ParameterRules(filters).with("limit", .number(1...longestPage)).with("offset", .number(0...1_000_000_000))
    }

    private static func user(isNew: Bool) -> ParameterRules {
        ParameterRules([
            "aliases": .pairs(below: 8192), "alias1": .blank, "alias2": .blank, "alias3": .blank, "alias4": .blank,
            "realname": .blank, "firstname": .blank, "lastname": .blank, "email": .blank, "notes": .blank,
            "status": .oneOf(["active", "bypass", "disabled"]), "enable_auto_prompt": .flag,
        ]).with("username", .text, isRequired: isNew)
    }

    private static let phone = ParameterRules([
        "number": .blank, "name": .blank, "extension": .blank, "type": .oneOf(["unknown", "mobile", "landline"]),
        "platform": .oneOf([
            "unknown", "google android", "apple ios", "windows phone 7", "windows phone", "rim blackberry", "java j2me",
            "palm webos", "symbian os", "windows mobile", "generic smartphone",
        ]),
        "predelay": .blank, "postdelay": .blank,
    ])
}
