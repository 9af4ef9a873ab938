import ArgumentParser

/// What a shell offers of this host.
extension CompletionKind {
    static var users: CompletionKind { .shellCommand("getent passwd | cut -d: -f1") }
    static var services: CompletionKind { .shellCommand("ls /etc/pam.d") }
}
