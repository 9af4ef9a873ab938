import DuetMemory
import DuoAPI

/// What a login says to people, in one place. Duo's own words go before ours.
enum LoginText {
    static func pushed(_ device: Device) -> String { "Pushed a login request to \(name(device))..." }
    static func calling(_ device: Device) -> String { "Calling \(name(device))..." }

    static func pushPrompt(_ device: Device, code: String?) -> String {
        let deed = code.map { "Enter \($0) in Duo Mobile" } ?? "Approve"
        return "\(deed) on \(name(device)) and press Enter, or type a passcode: "
    }

    static func callPrompt(_ device: Device) -> String {
        "Answer the call to \(name(device)) and press Enter, or type a passcode: "
    }

    static let smsSent = "New SMS passcodes sent."

    static func smsPrompt(_ next: String?) -> String {
        next.map { "Passcode from the SMS (starts with \($0)): " } ?? "Passcode from the SMS: "
    }

    static let wrongPasscode = "Incorrect passcode. Please try again."
    /// After the last answer that may be given beside it.
    static let stillWaiting = "No more passcodes here: approve the request on your phone."
    static let denied = "Login request denied."
    static let fraud = "Login request reported as fraud."
    static let timedOut = "Login request timed out."
    static let lockedOut = "Your account is locked out in Duo. Please ask your administrator."
    static let noAnswer = "No usable answer was given. The login is refused."
    static let noFactor = "None of your devices can do what this host asks for. Please ask your administrator."
    static let tooLate = "There is not enough time left for a push or a call. Please type a passcode or log in again."
    /// Why there is no push and no call.
    static func stopped(_ stop: PushStop) -> String {
        switch stop {
        case .pending: "Another push or call is still waiting on the phone. Answer that one first, or type a passcode."
        case .denials(let remaining), .rememberedDenial(let remaining):
            "Pushes and calls have stopped for \(minutes(remaining)): too many were not approved. Type a passcode."
        case .fraud(let remaining):
            "Pushes and calls have stopped for \(minutes(remaining)): one was reported as fraud. Type a passcode."
        case .texts(let remaining):
            "No more SMS for \(minutes(remaining)): too many were sent without a right passcode. Type a passcode."
        case .storeFails: "Pushes and calls cannot be counted now, so there are none. Type a passcode."
        }
    }

    private static func minutes(_ duration: Duration) -> String {
        let seconds = Int(duration / .seconds(1)) + 1
        return seconds < 120 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    }

    static let afterPreauth = "Duo could not finish this login. Please try again."

    /// Duo's text when it has one.
    static func said(_ message: String, or own: String) -> String {
        message.isEmpty ? own : message
    }

    static let enroll = "You have to enroll a device with Duo first."
    static let notEnrolled = "The login is refused until you have enrolled."

    static func enrollPrompt(portal: String?) -> String {
        let place = portal.map { "Enroll at:\n\($0)\n" } ?? "Please ask your administrator to enroll you.\n"
        return place + "Then press Enter: "
    }

    static let addressAbove = "the address above, put together from its lines"

    static func unreachable(failOpen: Bool) -> String {
        failOpen
            ? "Duo cannot be reached: this host lets you in without a second factor."
            : "Duo cannot be reached, and this host requires it. Please try again later or ask your administrator."
    }

    /// An error at preauth that is no outage.
    static func trouble(_ error: DuoError) -> String {
        switch error {
        case .rateLimited: "Duo is asked too often just now. Please try again in a minute."
        case .unreachable: unreachable(failOpen: false)
        case .certificate, .unauthorized, .forbidden, .rejected, .malformed, .tooLarge, .invalidParameter, .cancelled,
            .shutDown, .local:
            "Duo's answer is not what it should be. Please ask your administrator to run: duet check"
        }
    }

    static func name(_ device: Device) -> String {
        let name = String(device.displayName.prefix(60))
        return name.isEmpty ? "your device" : name
    }
}
