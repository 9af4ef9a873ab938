/// libFuzzer's entry to `TOMLRules`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        // Sound: libFuzzer lends `count` bytes for the time of this call.
        try TOMLRules.hold(for: Array(UnsafeBufferPointer(start: bytes, count: count))[...])
    } catch {
        fatalError("broken: \(error.rule)")
    }
    return 0
}
