package import Secrets

/// The keys of one Duo application ("integration").
package struct Credentials: Sendable {
    /// `DI` and 18 more characters. Not a secret: Duo shows it in its logs.
    package let integrationKey: String
    /// 40 ASCII characters, used as they are as the HMAC key.
    package let secretKey: Secret

    package init(integrationKey: String, secretKey: Secret) {
        self.integrationKey = integrationKey
        self.secretKey = secretKey
    }
}
