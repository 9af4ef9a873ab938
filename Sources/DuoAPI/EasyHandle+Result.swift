import CCurl
import Glibc

extension EasyHandle {
    /// What a finished transfer means.
    func result(_ code: CURLcode, _ call: Call) -> Result<Response, DuoError> {
        guard code == CURLE_OK else { return .failure(failure(code, call)) }
        // libcurl is content with a head that breaks off.
        guard call.headIsComplete else { return .failure(.unreachable(.connectionLost)) }
        let status = long(CURLINFO_RESPONSE_CODE)
        guard !call.isEncoded || status != 200 else {
            return .failure(.malformed(what: "encoded in a way that was not asked for"))
        }
        return .success(
            Response(
                status: status, retryAfter: call.retryAfter, body: call.isEncoded ? [] : call.body,
                facts: facts(call)))
    }

    private func failure(_ code: CURLcode, _ call: Call) -> DuoError {
        if let stopped = call.stopped { return stopped }
        if let fault = proxyFault(code, call) { return lackOfDescriptors() ?? .unreachable(.proxy(fault)) }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            // The resolver needs descriptors too, and does not say when it lacks them.
            return lackOfDescriptors() ?? .unreachable(.dns)
        case CURLE_COULDNT_CONNECT:
            let reason = Int32(truncatingIfNeeded: long(CURLINFO_OS_ERRNO))
            return lackOfDescriptors() ?? .unreachable(.connect(errno: reason))
        case CURLE_OPERATION_TIMEDOUT: return .unreachable(.timedOut(phase(call)))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CLIENTCERT:
            return .certificate(CertificateFault(verifyResult: long(CURLINFO_SSL_VERIFYRESULT)))
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE: return .certificate(.caFileUnusable)
        case CURLE_SSL_CONNECT_ERROR:
            // 0 and 1 (which is where libcurl starts): no certificate was refused.
            let verifyResult = long(CURLINFO_SSL_VERIFYRESULT)
            return verifyResult <= 1
                ? .certificate(.handshake) : .certificate(CertificateFault(verifyResult: verifyResult))
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND:
            return .unreachable(.connectionLost)
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2, CURLE_BAD_CONTENT_ENCODING,
            CURLE_WRITE_ERROR:
            return .malformed(what: "not HTTP/1.1")
        default: return .local(.curl(code: Int(code.rawValue)))
        }
    }

    /// Where the way ended before the proxy had opened the tunnel.
    private func proxyFault(_ code: CURLcode, _ call: Call) -> ProxyFault? {
        guard usesProxy, call.departures == 0 else { return nil }
        let status = long(CURLINFO_HTTP_CONNECTCODE)
        guard status == 0 else { return (200...299).contains(status) ? nil : .refused(status: status) }
        switch code {
        case CURLE_COULDNT_RESOLVE_PROXY: return .dns
        case CURLE_COULDNT_CONNECT:
            return .connect(errno: Int32(truncatingIfNeeded: long(CURLINFO_OS_ERRNO)))
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR: return .connectionLost
        default: return nil
        }
    }

    private func phase(_ call: Call) -> CallPhase {
        if call.departures > 0 { return .answer }
        if microseconds(CURLINFO_NAMELOOKUP_TIME_T) == 0 { return .lookup }
        return long(CURLINFO_LOCAL_PORT) == 0 ? .connect : .handshake
    }

    private func facts(_ call: Call) -> ConnectionFacts {
        ConnectionFacts(
            reused: long(CURLINFO_NUM_CONNECTS) == 0, remoteAddress: string(CURLINFO_PRIMARY_IP),
            lookup: .microseconds(microseconds(CURLINFO_NAMELOOKUP_TIME_T)),
            connect: .microseconds(microseconds(CURLINFO_CONNECT_TIME_T)),
            handshake: .microseconds(microseconds(CURLINFO_APPCONNECT_TIME_T)),
            total: .microseconds(microseconds(CURLINFO_TOTAL_TIME_T)),
            tls: call.request.inspectsTLS ? call.tls : nil)
    }

    private func long(_ info: CURLINFO) -> Int {
        var value = 0
        _ = duet_easy_get_long(handle, info, &value)
        return value
    }

    private func microseconds(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        _ = duet_easy_get_offset(handle, info, &value)
        return Int64(value)
    }

    private func string(_ info: CURLINFO) -> String {
        var value: UnsafePointer<CChar>?
        _ = duet_easy_get_string(handle, info, &value)
        return value.map { String(cString: $0) } ?? ""
    }
}

/// Asks the kernel for one descriptor and gives it back.
private func lackOfDescriptors() -> DuoError? {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe < 0 else {
        close(probe)
        return nil
    }
    return .local(.system(errno: errno))
}
