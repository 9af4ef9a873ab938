/// A day of the week, from Monday as in ISO 8601.
package enum Weekday: String, Sendable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    package var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package var before: Weekday { Self.allCases[(index + 6) % 7] }
}
