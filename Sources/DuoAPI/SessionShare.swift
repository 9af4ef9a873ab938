import CCurl

/// TLS sessions for all calls of one transport, so that a new connection resumes instead of starting over.
///
/// Without it every easy handle keeps its own and nothing is ever resumed. No lock functions: the share is used on the
/// transport's thread alone. Host names need no sharing, the handles of one multi handle share them anyway.
final class SessionShare {
    let handle: UnsafeMutableRawPointer

    init?() {
        guard let handle = curl_share_init() else { return nil }
        guard duet_share_set(handle, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK else {
            curl_share_cleanup(handle)
            return nil
        }
        self.handle = handle
    }

    deinit {
        curl_share_cleanup(handle)
    }
}
