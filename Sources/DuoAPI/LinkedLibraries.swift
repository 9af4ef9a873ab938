import CCurl
import COpenSSL

/// The libraries that carry the talk with Duo, in the versions that run.
package enum LinkedLibraries {
    package static var versions: [String: String] {
        var versions = ["OpenSSL": word(String(cString: OpenSSL_version(OPENSSL_VERSION)), at: 1)]
        if let info = duet_curl_version() { versions["libcurl"] = String(cString: info.pointee.version) }
        return versions
    }

    /// "OpenSSL 3.0.17 1 Jul 2025": the number alone.
    private static func word(_ text: String, at place: Int) -> String {
        let words = text.split(separator: " ")
        return words.indices.contains(place) ? String(words[place]) : text
    }
}
