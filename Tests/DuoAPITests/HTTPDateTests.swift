import Testing

@testable import DuoAPI

@Suite struct HTTPDateTests {
    @Test(
        "Unix time becomes an RFC 2822 date in English, and back",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 -0000"),
            (1_345_570_158, "Tue, 21 Aug 2012 17:29:18 -0000"),
            (1_354_900_680, "Fri, 07 Dec 2012 17:18:00 -0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 -0000"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 -0000"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 -0000"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 -0000"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 -0000"),
        ] as [(Int64, String)])
    func vectors(time: Int64, date: String) {
        #expect(HTTPDate.string(unixTime: time) == date)
        #expect(HTTPDate.unixTime(date) == time)
    }

    @Test("Every day of two centuries comes back")
    func roundTrip() {
        for day in Int64(0)..<73_000 {
            let time = day * 86_400 + 12_345
            guard HTTPDate.unixTime(HTTPDate.string(unixTime: time)) == time else {
                Issue.record("\(time)")
                return
            }
        }
    }

    @Test(
        "Other forms are refused",
        arguments: [
            "", "soon", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        ])
    func refused(text: String) {
        #expect(HTTPDate.unixTime(text) == nil)
    }
}
