/// The task of a login that waits, while it runs.
///
/// Sound: `UnsafeCurrentTask.cancel` may be called by others as long as the closure runs that was given the value.
/// `LoginConnection` puts it down when that closure begins, takes it away before it ends, and cancels it in between; all three
/// happen on the one thread of the `LoginLoop`, so none happens beside another.
struct InterruptibleTask: @unchecked Sendable {
    private let task: UnsafeCurrentTask

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    func cancel() { task.cancel() }
}
