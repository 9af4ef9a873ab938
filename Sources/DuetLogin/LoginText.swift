import DuoAPI

/// What a login says to people, in one place. Duo's own words go before ours.
enum LoginText {
    static let pushed = "Pushed a login request to your device..."
    static let calling = "Calling your phone..."
    static let smsSent = "New SMS passcodes sent."
    static let smsPrompt = "Passcode from the SMS: "
    static let wrongPasscode = "Incorrect passcode. Please try again."
    static let denied = "Login request denied."
    static let fraud = "Login request reported as fraud."
    static let timedOut = "Login request timed out."
    static let lockedOut = "Your account is locked out in Duo. Please ask your administrator."
    static let noAnswer = "No usable answer was given. The login is refused."
    static let noFactor = "None of your devices can do what this host asks for. Please ask your administrator."
    static let afterPreauth = "Duo could not finish this login. Please try again."

    /// Duo's text when it has one.
    static func said(_ message: String, or own: String) -> String {
        message.isEmpty ? own : message
    }

    static func enroll(_ message: String, portal: String) -> String {
        let address = portal.isEmpty ? "Please ask your administrator." : "Please enroll at:\n\(portal)"
        return said(message, or: "You have to enroll a device with Duo first.") + "\n" + address
    }

    static func unreachable(failOpen: Bool) -> String {
        failOpen
            ? "Duo cannot be reached: this host lets you in without a second factor."
            : "Duo cannot be reached, and this host requires it. Please try again later or ask your administrator."
    }

    static let trouble = "Duo refused this host's request. Please ask your administrator to run: duet check"
}
