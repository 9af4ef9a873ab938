import CCurl
import Secrets

/// One transfer of libcurl's, configured for one call. Everything that keeps the door shut is in `lockDown`.
final class EasyHandle {
    let handle: UnsafeMutableRawPointer
    let usesProxy: Bool
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var addresses: UnsafeMutablePointer<curl_slist>?
    // The first option that libcurl refused; a handle that is not set up completely is never used.
    private var refused: CURLcode = CURLE_OK

    init(_ call: Call, _ options: TransportOptions, _ sessions: SessionShare) throws(DuoError) {
        guard let handle = curl_easy_init() else { throw .local(.curl(code: Int(CURLE_OUT_OF_MEMORY.rawValue))) }
        self.handle = handle
        usesProxy = options.proxy != nil
        check(duet_easy_set_share(handle, sessions.handle))
        lockDown(options)
        setProxy(options.proxy)
        setLimits(call, options)
        setCallbacks(call)
        setRequest(call)
        guard refused == CURLE_OK else { throw .local(.curl(code: Int(refused.rawValue))) }
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        curl_slist_free_all(addresses)
    }

    private func lockDown(_ options: TransportOptions) {
        set(CURLOPT_PROTOCOLS_STR, "https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let caFile = options.caFile { set(CURLOPT_CAINFO, caFile) }
        // With a directory of roots besides, libcurl parses the whole store again for every connection.
        set(CURLOPT_CAPATH, nil)
        // Roots that an admin replaces hold within the hour (libcurl's own: a day).
        set(CURLOPT_CA_CACHE_TIMEOUT, 3600)
        set(CURLOPT_NOSIGNAL, 1)
        // Else a resolver that does not answer holds this thread, and with it every login, for ten seconds.
        set(CURLOPT_QUICK_EXIT, 1)
    }

    private func setProxy(_ proxy: Proxy?) {
        // An empty string, not null: null would let the environment choose a proxy, or exceptions from one.
        set(CURLOPT_NOPROXY, "")
        guard let proxy else { return set(CURLOPT_PROXY, "") }
        set(CURLOPT_PROXY, "http://\(proxy)")
        set(CURLOPT_PROXYTYPE, Int(CURLPROXY_HTTP.rawValue))
        set(CURLOPT_HTTPPROXYTUNNEL, 1)
        // What the proxy says of itself is not Duo's answer.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_PROXYAUTH, 1)  // CURLAUTH_BASIC, a macro
        // libcurl copies the strings, and frees them with the handle.
        if let user = proxy.user { set(CURLOPT_PROXYUSERNAME, user) }
        if let password = proxy.password { set(CURLOPT_PROXYPASSWORD, password) }
    }

    private func setLimits(_ call: Call, _ options: TransportOptions) {
        set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout.milliseconds)
        set(CURLOPT_TIMEOUT_MS, ContinuousClock.now.duration(to: call.end).milliseconds)
        // How much later than the first the other address family starts.
        set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 200)
        if !options.addresses.isEmpty {
            let host = call.request.host
            addresses = curl_slist_append(
                nil, "\(host.name):\(host.port):\(options.addresses.joined(separator: ","))")
            check(duet_easy_set_list(handle, CURLOPT_RESOLVE, addresses))
        }
        // Requests and answers have a KB or two; every push that waits for its person keeps both buffers.
        set(CURLOPT_BUFFERSIZE, 4 << 10)
        set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        check(duet_easy_set_offset(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(Call.bodyLimit)))
        set(CURLOPT_TCP_NODELAY, 1)
        // Below the minute after which load balancers and firewalls forget a silent connection.
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, 20)
        set(CURLOPT_TCP_KEEPINTVL, 5)
    }

    private func setCallbacks(_ call: Call) {
        // Not retained: the loop keeps the call as long as this handle is in use.
        let context = Unmanaged.passUnretained(call).toOpaque()
        check(duet_easy_set_writer(handle, receiveBody, context))
        check(duet_easy_set_header_reader(handle, receiveHeader, context))
        check(duet_easy_set_before_request(handle, beforeRequest, context))
        check(duet_easy_set_socket_opener(handle, openSocket, context))
    }

    private func setRequest(_ call: Call) {
        let request = call.request
        var url = "https://\(request.host.authority)\(request.path)"
        switch request.method {
        case .get, .delete:
            if request.parameters.count > 0 {
                url += "?" + request.parameters.withBytes { String(decoding: $0, as: UTF8.self) }
            }
            set(CURLOPT_HTTPGET, 1)
            if request.method == .delete { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        case .post, .put, .patch:
            set(CURLOPT_POST, 1)
            if request.method != .post { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
            setBody(call)
            // libcurl would ask for permission first; nobody answers.
            addHeader("Expect:")
            addHeader("Content-Type: \(request.bodyFormat.rawValue)")
        }
        set(CURLOPT_URL, url)
        set(CURLOPT_USERAGENT, "duet")
        addHeader("Accept: \(request.accepts)")
        for (name, value) in request.headers { addHeader("\(name): \(value)") }
        check(duet_easy_set_list(handle, CURLOPT_HTTPHEADER, headers))
    }

    /// Head and body leave in one write. libcurl does not copy the body: `call` keeps it, and wipes it, until the
    /// transfer is over. A factor's guard against being sent twice is `beforeRequest`.
    private func setBody(_ call: Call) {
        call.request.parameters.withBytes { check(duet_easy_set_body(handle, $0.baseAddress, $0.count)) }
    }

    private func addHeader(_ line: String) {
        guard let longer = curl_slist_append(headers, line) else { return check(CURLE_OUT_OF_MEMORY) }
        headers = longer
    }

    private func set(_ option: CURLoption, _ value: Int) { check(duet_easy_set_long(handle, option, value)) }

    private func set(_ option: CURLoption, _ value: String?) { check(duet_easy_set_string(handle, option, value)) }

    private func set(_ option: CURLoption, _ value: Secret) {
        var text = value.withBytes { Array($0) } + [0]
        defer { text.wipe() }
        text.withUnsafeBytes { bytes in
            check(duet_easy_set_string(handle, option, bytes.bindMemory(to: CChar.self).baseAddress))
        }
    }

    private func check(_ code: CURLcode) {
        if refused == CURLE_OK { refused = code }
    }
}

extension Duration {
    /// At least 1, since libcurl takes 0 for "never"; at most a day.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 86_400 else { return 86_400_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
