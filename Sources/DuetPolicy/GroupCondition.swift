/// Which groups a user must be in: at least one of `any`, each of `all`, none of `not`. An empty list asks nothing.
package struct GroupCondition: Sendable, Equatable {
    package var any: [ExactName]
    package var all: [ExactName]
    package var not: [ExactName]

    package init(any: [ExactName] = [], all: [ExactName] = [], not: [ExactName] = []) {
        self.any = any
        self.all = all
        self.not = not
    }

    package func holds(for groups: Set<ExactName>) -> Bool {
        (any.isEmpty || any.contains { groups.contains($0) })
            && all.allSatisfy { groups.contains($0) }
            && !not.contains { groups.contains($0) }
    }
}
