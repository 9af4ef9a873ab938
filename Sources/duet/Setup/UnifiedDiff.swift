/// The change of a file as diff -u shows it.
enum UnifiedDiff {
    private static let context = 3
    /// A file of more lines is shown as replaced as a whole.
    private static let lineCap = 4_000

    fileprivate enum Edit {
        case same(String), removed(String), added(String)
    }

    /// Empty when nothing differs.
    static func text(path: String, old: String, new: String) -> String {
        guard old != new else { return "" }
        let edits = Self.edits(lines(old), lines(new))
        var output = ["--- \(path)", "+++ \(path)"]
        var index = 0
        var oldLine = 1
        var newLine = 1
        while index < edits.count {
            guard let change = edits[index...].firstIndex(where: { $0.isChange }) else { break }
            let start = max(index, change - context)
            oldLine += edits[index..<start].count { !$0.isAdded }
            newLine += edits[index..<start].count { !$0.isRemoved }
            var end = change
            while let next = edits[end...].firstIndex(where: { $0.isChange }), next - end <= 2 * context {
                end = next + 1
            }
            end = min(edits.count, end + context)
            let hunk = edits[start..<end]
            let oldCount = hunk.count { !$0.isAdded }
            let newCount = hunk.count { !$0.isRemoved }
            output.append("@@ -\(oldLine),\(oldCount) +\(newLine),\(newCount) @@")
            output += hunk.map(\.text)
            oldLine += oldCount
            newLine += newCount
            index = end
        }
        return output.joined(separator: "\n") + "\n"
    }

    private static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// By the longest common subsequence.
    private static func edits(_ old: [String], _ new: [String]) -> [Edit] {
        guard old.count <= lineCap, new.count <= lineCap else {
            return old.map { .removed($0) } + new.map { .added($0) }
        }
        let width = new.count + 1
        var longest = [Int32](repeating: 0, count: (old.count + 1) * width)
        for i in old.indices.reversed() {
            for j in new.indices.reversed() {
                longest[i * width + j] =
                    old[i] == new[j]
                    ? longest[(i + 1) * width + j + 1] + 1
                    : max(longest[(i + 1) * width + j], longest[i * width + j + 1])
            }
        }
        var edits: [Edit] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, j < new.count, old[i] == new[j] {
                edits.append(.same(old[i]))
                (i, j) = (i + 1, j + 1)
            } else if j == new.count || (i < old.count && longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
                edits.append(.removed(old[i]))
                i += 1
            } else {
                edits.append(.added(new[j]))
                j += 1
            }
        }
        return edits
    }
}

extension UnifiedDiff.Edit {
    fileprivate var isAdded: Bool { if case .added = self { true } else { false } }
    fileprivate var isRemoved: Bool { if case .removed = self { true } else { false } }
    fileprivate var isChange: Bool { isAdded || isRemoved }

    fileprivate var text: String {
        switch self {
        case .same(let line): " " + line
        case .removed(let line): "-" + line
        case .added(let line): "+" + line
        }
    }
}
