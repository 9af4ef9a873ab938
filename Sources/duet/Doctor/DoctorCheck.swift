/// One thing that breaks in practice. Each has a test that breaks it: `DoctorTests`.
protocol DoctorCheck: Sendable {
    /// In one or two words.
    var name: String { get }
    /// What was found; never empty.
    func run(_ patient: Patient) async -> [Finding]
}
