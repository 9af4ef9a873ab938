import ArgumentParser

/// How long something is good, as typed: `45m`, `8h`, `30d`, `0` for ever.
struct Life: ExpressibleByArgument, Sendable {
    let seconds: Int

    static func hours(_ hours: Int) -> Life { Life(seconds: hours * 3600) }

    private init(seconds: Int) { self.seconds = seconds }

    init?(argument: String) {
        if argument == "0" {
            seconds = 0
            return
        }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = argument.last, let unit = units[last], argument.count <= 10,
            argument.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(argument.dropLast()), number > 0,
            number <= 2_147_483_647 / unit
        else { return nil }
        seconds = number * unit
    }

    var defaultValueDescription: String {
        switch seconds {
        case 0: "0"
        case let seconds where seconds % 86_400 == 0 && seconds > 86_400: "\(seconds / 86_400)d"
        case let seconds where seconds % 3600 == 0: "\(seconds / 3600)h"
        default: "\(seconds)s"
        }
    }
}
