extension UserDirectory {
    /// The built-in users file, as `duo-simulator users` prints it.
    package static let standardText = #"""
        {
          "unknown_users": "enroll",
          "lockout_threshold": 10,
          "sms_batch": 3,
          "logo": true,
          "users": [
            {"name": "alice", "aliases": ["al"],
             "devices": [
               {"display_name": "iOS (XXX-XXX-0100)", "name": "Alice's phone", "number": "+1 555 010 0100"},
               {"display_name": "Tablet", "number": "", "capabilities": ["auto", "push", "mobile_otp"]},
               {"type": "token", "display_name": "Hardware token", "name": "123456-7"}],
             "passcodes": {"app": ["100001", "100002", "100003"], "token": ["200001", "200002", "200003"],
                           "bypass": [{"code": "900000001", "uses": 1}, {"code": "900000002", "uses": 2}]}},
            {"name": "bob", "devices": [{"number": "+1 555 010 0200"}],
             "passcodes": {"app": ["300001", "300002", "300003"]}},

            {"name": "push-approve", "auto": "approve", "devices": [{"number": "+1 555 010 0301"}],
             "passcodes": {"app": ["111111", "222222", "333333"]}},
            {"name": "push-deny", "auto": "deny", "devices": [{"number": "+1 555 010 0302"}]},
            {"name": "push-fraud", "auto": "fraud", "devices": [{"number": "+1 555 010 0303"}]},
            {"name": "push-timeout", "auto": "timeout", "devices": [{"number": "+1 555 010 0304"}]},
            {"name": "push-ignore", "auto": "ignore", "devices": [{"number": "+1 555 010 0305"}]},
            {"name": "push-failed", "push_fails": true, "auto": "approve", "devices": [{"number": "+1 555 010 0306"}]},
            {"name": "verified-push", "verified_push": "708", "auto": "approve",
             "devices": [{"number": "+1 555 010 0307"}]},
            {"name": "verified-push-ask", "verified_push": "042", "devices": [{"number": "+1 555 010 0308"}]},
            {"name": "phone-approve", "auto": "approve",
             "devices": [{"number": "+1 555 010 0401", "capabilities": ["auto", "phone", "sms"]}]},
            {"name": "phone-deny", "auto": "deny",
             "devices": [{"number": "+1 555 010 0402", "capabilities": ["auto", "phone", "sms"]}]},
            {"name": "phone-timeout", "auto": "timeout",
             "devices": [{"number": "+1 555 010 0403", "capabilities": ["auto", "phone"]}]},
            {"name": "sms", "devices": [{"number": "+1 555 010 0501", "capabilities": ["sms", "mobile_otp"]}]},
            {"name": "passcode", "devices": [{"number": "+1 555 010 0502", "capabilities": ["mobile_otp"]}],
             "passcodes": {"app": ["111111", "222222", "333333"]}},
            {"name": "token", "devices": [{"type": "token", "display_name": "Hardware token", "name": "123456-8"}],
             "passcodes": {"token": ["444444", "555555", "666666"]}},
            {"name": "bypass", "devices": [{"number": "+1 555 010 0503"}],
             "passcodes": {"bypass": [{"code": "900000003", "uses": 1}, {"code": "900000004", "uses": 0}]}},
            {"name": "locked-out", "auto": "locked_out", "devices": [{"number": "+1 555 010 0601"}]},
            {"name": "no-devices"},

            {"name": "preauth-allow", "preauth": "allow", "status_msg": "Bypass status"},
            {"name": "preauth-deny", "preauth": "deny", "status_msg": "Your account is disabled"},
            {"name": "enroll", "preauth": "enroll"},
            {"name": "trusted-network", "trusted_addresses": ["192.0.2.7"], "auto": "approve",
             "devices": [{"number": "+1 555 010 0602"}]},
            {"name": "remembered-device", "remembered_devices": true, "auto": "approve",
             "devices": [{"number": "+1 555 010 0603"}], "passcodes": {"app": ["111111", "222222", "333333"]}},

            {"name": "unknown-result", "auto": {"result": "maybe", "status": "purple", "status_msg": "Who knows."},
             "devices": [{"number": "+1 555 010 0701"}]},
            {"name": "unknown-status", "auto": {"result": "allow", "status": "purple", "status_msg": "Come in."},
             "devices": [{"number": "+1 555 010 0702"}]},
            {"name": "unknown-preauth", "preauth": "maybe", "status_msg": "Who knows."},
            {"name": "server-error", "error": 50000},
            {"name": "rate-limited", "error": 42901},
            {"name": "escape-inject", "auto": "approve",
             "status_msg": "Account \u001b[31mis\u001b[0m\r\nactive\u0007 \u009b2J\u202etxet",
             "texts": {"pushed": "Pushed\u001b]0;owned\u0007\n\u001b[2J to your phone\u0000.",
                       "allow": "Success.\u001b[1A\r\nroot@host# \u0008"},
             "devices": [{"display_name": "iOS \u001b[5m(XXX-XXX-0703)\u001b[0m\n2. Evil", "name": "\u001b]52;c;eA==\u0007",
                          "number": "+1 555 010 0703"}]},
            {"name": "escape-inject-deny", "preauth": "deny", "status_msg": "Denied\u001b[2J\u001b[H\r\nAccess granted"},
            {"name": "escape-inject-enroll", "preauth": "enroll", "status_msg": "Enroll\u001b[8m now\u0007",
             "enroll_portal_url": "https://localhost/portal?code=\u001b[31mx\n"}
          ]
        }
        """#
}
