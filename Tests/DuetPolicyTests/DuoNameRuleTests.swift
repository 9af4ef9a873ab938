import DuetPolicy
import Testing

@Suite("Names at Duo")
struct DuoNameRuleTests {
    private static let gecos = "Alice Example,Room 5,1234,5678,alice.example@corp"

    @Test(
        "A name is made of the Unix name as the rule says",
        arguments: [
            (DuoNameRule(), "Alice", "Alice"), (DuoNameRule(isLowerCase: true), "Alice", "alice"),
            (DuoNameRule(stripsDomain: true), "alice@corp", "alice"),
            (DuoNameRule(stripsDomain: true), "CORP\\alice", "alice"),
            (DuoNameRule(stripsDomain: true), "alice", "alice"),
            (DuoNameRule(addedDomain: "corp"), "alice", "alice@corp"),
            (DuoNameRule(stripsDomain: true, addedDomain: "new"), "alice@old", "alice@new"),
            (DuoNameRule(stripsDomain: true), "@corp", nil), (DuoNameRule(), "", nil), (DuoNameRule(), "a\u{7}", nil),
            (DuoNameRule(), String(repeating: "a", count: 257), nil),
        ] as [(DuoNameRule, String, String?)])
    func unix(_ rule: DuoNameRule, _ user: String, _ expected: String?) {
        #expect(rule.duoName(user: ExactName(user), gecos: "") == expected)
    }

    @Test(
        "A field of GECOS is counted from 1, and an empty or missing one is no name",
        arguments: [(1, "Alice Example"), (5, "alice.example@corp"), (6, nil), (2, "Room 5")] as [(Int, String?)])
    func gecos(_ field: Int, _ expected: String?) {
        let rule = DuoNameRule(source: .gecos(field: field, delimiter: ","))
        #expect(rule.duoName(user: "alice", gecos: Self.gecos) == expected)
        #expect(rule.duoName(user: "alice", gecos: ",,,,") == nil)
        #expect(DuoNameRule(source: .gecos(field: 2, delimiter: ";")).duoName(user: "a", gecos: "x; y ;z") == "y")
    }

    @Test("Who is not in the map has no name, and never the Unix one")
    func map() {
        let rule = DuoNameRule(source: .map(file: "/f", names: ["root": "alice"]))
        #expect(rule.duoName(user: "root", gecos: "") == "alice")
        #expect(rule.duoName(user: "bob", gecos: "") == nil)
    }
}
