// swift-tools-version: 6.2
import PackageDescription

// The import graph is law: `make test` builds with --explicit-target-dependency-import-check error.
// docs/architecture.md says why each edge is there.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Which commit this is, for `duet version`: `make release` says so. Only letters and digits get into the C source.
let commit = (Context.environment["DUET_COMMIT"] ?? "").filter {
    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "duet",
    products: [
        .executable(name: "duetd", targets: ["duetd"]),
        .executable(name: "duet", targets: ["duet"]),
        .executable(name: "duet-admin", targets: ["duet-admin"]),
        .executable(name: "duo-simulator", targets: ["duo-simulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What the distribution provides, and the few C lines that Swift cannot say.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPAM", providers: [.apt(["libpam0g-dev"])]),
        .target(name: "CTOML", cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .target(name: "CEpoll", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .target(name: "CBuild", cSettings: commit.isEmpty ? [] : [.define("DUET_COMMIT", to: "\"\(commit)\"")]),

        // Ground floor: these know nobody.
        .target(name: "Secrets", swiftSettings: strict),
        .target(name: "DuetWire", swiftSettings: strict),
        .target(name: "DuetPolicy", swiftSettings: strict),
        .target(name: "DuetCommandLine", dependencies: [argumentParser], swiftSettings: strict),
        .target(name: "QRCode", dependencies: ["CQREncode"], swiftSettings: strict),
        .target(name: "DuoAPI", dependencies: ["CCurl", "CEpoll", "COpenSSL", "Secrets"], swiftSettings: strict),

        // Middle floor.
        .target(name: "DuoAdminAPI", dependencies: ["DuoAPI", "Secrets"], swiftSettings: strict),
        .target(name: "DuetMemory", dependencies: ["DuetPolicy", "CSQLite"], swiftSettings: strict),
        .target(name: "DuetConfiguration", dependencies: ["DuetPolicy", "Secrets", "CTOML"], swiftSettings: strict),
        .target(
            name: "DuetLogin", dependencies: ["DuetMemory", "DuetPolicy", "DuoAPI", "QRCode", "Secrets"],
            swiftSettings: strict),
        .target(
            name: "DuetDaemon",
            dependencies: [
                "DuetLogin", "DuetMemory", "DuetWire", "DuetConfiguration", "DuetPolicy", "DuoAPI", "CBuild", "CEpoll",
                "COpenSSL",
                nioCore, nioPosix, logging, lifecycle, unixSignals,
            ],
            swiftSettings: strict),

        // Executables.
        .executableTarget(
            name: "duetd", dependencies: ["DuetDaemon", argumentParser, logging], swiftSettings: strict),
        .executableTarget(
            name: "duet",
            dependencies: [
                "CBuild", "CPAM", "DuetCommandLine", "DuetWire", "DuetConfiguration", "DuetPolicy", "DuoAPI", "Secrets",
                argumentParser,
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "duet-admin",
            dependencies: [
                "DuoAdminAPI", "DuoAPI", "DuetCommandLine", "DuetConfiguration", "DuetWire", "QRCode", "Secrets",
                argumentParser,
            ],
            swiftSettings: strict),

        // A strict local Duo cloud. It never imports DuoAPI: two independent implementations check each other.
        .target(
            name: "DuoSimulator", dependencies: ["COpenSSL", nioCore, nioPosix, nioHTTP1, nioSSL],
            swiftSettings: strict),
        .executableTarget(
            name: "duo-simulator", dependencies: ["DuoSimulator", argumentParser], swiftSettings: strict),

        .testTarget(name: "DuetWireTests", dependencies: ["DuetWire"], swiftSettings: strict),
        .testTarget(name: "DuetPolicyTests", dependencies: ["DuetPolicy"], swiftSettings: strict),
        .testTarget(name: "QRCodeTests", dependencies: ["QRCode"], swiftSettings: strict),
        .testTarget(
            name: "DuetConfigurationTests", dependencies: ["DuetConfiguration", "DuetPolicy", "Secrets"],
            swiftSettings: strict),
        .testTarget(name: "DuoAPITests", dependencies: ["DuoAPI", "DuoSimulator", "Secrets"], swiftSettings: strict),
        .testTarget(
            name: "DuoAdminAPITests", dependencies: ["DuoAdminAPI", "DuoAPI", "DuoSimulator", "Secrets"],
            swiftSettings: strict),
        .testTarget(
            name: "DuetLoginTests",
            dependencies: ["DuetLogin", "DuetMemory", "DuetPolicy", "DuoAPI", "DuoSimulator", "Secrets"],
            swiftSettings: strict),
        .testTarget(
            name: "DuetDaemonTests",
            dependencies: [
                "DuetDaemon", "DuetLogin", "DuetMemory", "DuetWire", "DuetPolicy", "DuetConfiguration", "DuoAPI",
                "DuoSimulator", nioCore, nioPosix, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DuetMemoryTests", dependencies: ["DuetMemory", "DuetPolicy", "memory-writer"],
            exclude: ["Writer"], swiftSettings: strict),
        // What the kill -9 test kills.
        .executableTarget(
            name: "memory-writer", dependencies: ["DuetMemory", "DuetPolicy"], path: "Tests/DuetMemoryTests/Writer",
            swiftSettings: strict),
        .testTarget(name: "DuetCommandTests", dependencies: ["duet"], swiftSettings: strict),
        // What the fuzzers found; Tests/Fuzz/Makefile looks for more.
        .testTarget(
            name: "FuzzTests",
            dependencies: ["DuetWire", "DuetConfiguration", "DuetPolicy", "DuoAPI", "Secrets"],
            path: "Tests/Fuzz", exclude: ["Makefile", "Targets", "corpus"], swiftSettings: strict),
        .testTarget(name: "DuoSimulatorTests", dependencies: ["DuoSimulator"], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
