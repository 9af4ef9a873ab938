import CCurl
import Glibc

// What libcurl calls back, on the transport's thread. None of these may throw or trap: C is below them.

private func call(_ context: UnsafeMutableRawPointer?) -> Call? {
    // Sound: every context is a `Call` that the loop holds for as long as libcurl has it.
    context.map { Unmanaged<Call>.fromOpaque($0).takeUnretainedValue() }
}

/// A result other than `size * count` stops the transfer.
let receiveBody: curl_write_callback = { bytes, size, count, context in
    let length = size &* count
    guard let call = call(context), let bytes else { return length == 0 ? 0 : length &+ 1 }
    guard length <= Call.bodyLimit - call.body.count else {
        call.stopped = .tooLarge
        return length &+ 1
    }
    call.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
    return length
}

/// Called once per header line.
let receiveHeader: curl_write_callback = { bytes, size, count, context in
    let length = size &* count
    guard let call = call(context), let bytes else { return length == 0 ? 0 : length &+ 1 }
    guard length <= Call.headerLimit - call.headerBytes else {
        call.stopped = .tooLarge
        return length &+ 1
    }
    call.headerBytes += length
    let line = UnsafeRawBufferPointer(start: bytes, count: length)
    // An empty line ends the head; after an interim answer (100) another one begins.
    if length <= 2 { call.headIsComplete = true }
    if line.starts(with: "HTTP/".utf8) { (call.headIsComplete, call.retryAfter, call.isEncoded) = (false, nil, false) }
    // Most headers are nobody's business here; only those that are become text.
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), let header = Header(name: line[..<colon]) else {
        return length
    }
    let value = Printable(String(decoding: line[(colon + 1)...], as: UTF8.self), limit: 64).text
    switch header {
    case .retryAfter, .retryAfterOfDuo: call.retryAfter = value
    // No encoding was offered, so any is refused: libcurl would unpack those of the transfer.
    case .contentEncoding where value.lowercased() != "identity": call.isEncoded = true
    case .transferEncoding where value.lowercased() != "chunked": call.isEncoded = true
    case .contentEncoding, .transferEncoding: break
    }
    return length
}

/// The headers of an answer that mean something here.
private enum Header: String, CaseIterable {
    case retryAfter = "retry-after"
    case retryAfterOfDuo = "x-retry-after"
    case contentEncoding = "content-encoding"
    case transferEncoding = "transfer-encoding"

    init?(name: Slice<UnsafeRawBufferPointer>) {
        let found = Self.allCases.first { header in
            name.count == header.rawValue.utf8.count
                && zip(name, header.rawValue.utf8).allSatisfy {
                    ($0.0 >= 0x41 && $0.0 <= 0x5A ? $0.0 | 0x20 : $0.0) == $0.1
                }
        }
        guard let found else { return nil }
        self = found
    }
}

/// Called when a connection stands and the request is about to leave: the last moment to say no.
///
/// libcurl itself sends a request again when a warm connection dies before an answer, POSTs included (measured with
/// 7.88): a second push. "A factor whose connection dies is never sent again" in `DeliveryTests` guards this.
let beforeRequest: curl_prereq_callback = { context, address, _, _, _ in
    guard let call = call(context) else { return CURL_PREREQFUNC_ABORT }
    if let address { call.connected(to: String(cString: address)) }
    let allowed =
        switch call.request.delivery {
        case .once: 1
        case .repeatable: 2
        }
    guard call.allDepartures < allowed else {
        call.stopped = .unreachable(.connectionLost)
        return CURL_PREREQFUNC_ABORT
    }
    call.departures += 1
    if call.request.inspectsTLS || !call.tried.isEmpty, let handle = call.handle { call.tls = TLSFacts(of: handle) }
    return CURL_PREREQFUNC_OK
}

/// As libcurl does it, but addresses that did not answer lately are passed over, a lack of descriptors is told apart from
/// a Duo that cannot be reached, and data that nobody acknowledges ends the connection (else a path that swallows packets
/// would hold a warm one for minutes).
let openSocket: curl_opensocket_callback = { context, _, address in
    guard let call = call(context), let pointer = address else { return -1 }
    let text = curl_sockaddr.text(pointer)
    guard call.triesEveryAddress || call.deadAddresses?.contains(text) != true else {
        call.passedOver = true
        return -1
    }
    let address = pointer.pointee
    call.tried.append((text, address.family))
    let descriptor = socket(
        address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
    guard descriptor >= 0 else {
        let reason = errno
        // A host without IPv6 refuses the family, which is no lack of anything.
        if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(reason) { call.stopped = .local(.system(errno: reason)) }
        return -1
    }
    var milliseconds: Int32 = 15_000
    setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
}

extension Call {
    /// Whoever of the same family was tried before did not answer in time. Of the other family nothing is known: the two
    /// race.
    fileprivate func connected(to address: String) {
        guard let winner = tried.last(where: { $0.address == address }) else { return }
        for (loser, family) in tried where loser != address && family == winner.family { deadAddresses?.insert(loser) }
    }
}
