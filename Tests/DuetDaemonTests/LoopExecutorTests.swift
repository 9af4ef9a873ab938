import NIOCore
import NIOPosix
import Testing

@testable import DuetDaemon

@Suite("Loop executor")
struct LoopExecutorTests {
    @Test("Whatever a task and its children do, they do on the event loop's thread, and everything is done")
    func staysThere() async {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let count = await withTaskExecutorPreference(LoopExecutor(loop)) {
            await withTaskGroup(of: Bool.self) { group in
                // More than one turn takes.
                for _ in 0..<1_000 {
                    group.addTask {
                        let before = loop.inEventLoop
                        await Task.yield()
                        return before && loop.inEventLoop
                    }
                }
                var count = 0
                for await wasThere in group where wasThere { count += 1 }
                return loop.inEventLoop ? count : -1
            }
        }
        #expect(count == 1_000)
    }
}
