import DuetPolicy
import Testing

@testable import DuetMemory

@Suite struct DecisionKeyTests {
}
