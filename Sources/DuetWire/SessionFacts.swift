/// Where on the host a login comes from, as the module read it in /proc. docs/protocol.md, *BEGIN*, tags 16 to 21.
///
/// A fact that could not be read is `nil`: then nothing can be remembered by it. Believe them from uid 0 alone.
package struct SessionFacts: Equatable, Sendable {
    /// The session id of the host process.
    package var session: UInt32?
    package var terminal: Terminal?
    package var parent: Parent?
    /// The host process, its parent, that one's parent …; never pid 1. Empty when nothing could be read.
    package var ancestors: [ProcessIdentity]
    /// The width of the person's terminal. The person may set it to anything: good for layout alone.
    package var columns: UInt32?
    /// What a set-user-ID host such as sudo was started with.
    package var command: String?

    /// The controlling terminal, while the leader of its session lives.
    package struct Terminal: Hashable, Sendable {
        /// tty_nr of /proc/PID/stat.
        package let number: UInt32
        package let leader: ProcessIdentity

        package init(number: UInt32, leader: ProcessIdentity) {
            self.number = number
            self.leader = leader
        }
    }

    package struct Parent: Hashable, Sendable {
        package let process: ProcessIdentity
        package let session: UInt32
        /// Its real user id.
        package let user: UInt32

        package init(process: ProcessIdentity, session: UInt32, user: UInt32) {
            self.process = process
            self.session = session
            self.user = user
        }
    }

    package init(
        session: UInt32? = nil, terminal: Terminal? = nil, parent: Parent? = nil, ancestors: [ProcessIdentity] = [],
        columns: UInt32? = nil, command: String? = nil
    ) {
        self.session = session
        self.terminal = terminal
        self.parent = parent
        self.ancestors = ancestors
        self.columns = columns
        self.command = command
    }

    private static let mostAncestors = 32
    private static let widths: ClosedRange<UInt32> = 1...65_535
    private static let numbers: ClosedRange<UInt32> = 1...UInt32.max
}

extension SessionFacts {
    init(_ fields: Fields) throws(WireError) {
        session = try fields.number(16, in: SessionFacts.numbers)
        if var value = try fields.composite(17, size: 4 + ProcessIdentity.size) {
            terminal = Terminal(
                number: try value.u32(in: SessionFacts.numbers), leader: try value.process(SessionFacts.numbers))
        }
        if var value = try fields.composite(18, size: ProcessIdentity.size + 8) {
            parent = Parent(
                process: try value.process(ProcessIdentity.ancestorPIDs),
                session: try value.u32(in: SessionFacts.numbers), user: try value.u32(in: 0...UInt32.max))
        }
        ancestors = []
        if let bytes = fields.optional(19) {
            let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: ProcessIdentity.size)
            guard rest == 0, (1...SessionFacts.mostAncestors).contains(count) else { throw .badValue(tag: 19) }
            var value = CompositeValue(tag: 19, bytes: bytes)
            for _ in 0..<count { ancestors.append(try value.process(ProcessIdentity.ancestorPIDs)) }
        }
        columns = try fields.number(20, in: SessionFacts.widths)
        command = try fields.optionalText(21, .command)
    }

    func write(to writer: inout FieldWriter) throws(WireError) {
        try writer.put(16, number: session, in: SessionFacts.numbers)
        if let terminal {
            var value = CompositeValue(tag: 17)
            try value.put(u32: terminal.number, in: SessionFacts.numbers)
            try value.put(terminal.leader, SessionFacts.numbers)
            writer.put(17, value.bytes)
        }
        if let parent {
            var value = CompositeValue(tag: 18)
            try value.put(parent.process, ProcessIdentity.ancestorPIDs)
            try value.put(u32: parent.session, in: SessionFacts.numbers)
            try value.put(u32: parent.user, in: 0...UInt32.max)
            writer.put(18, value.bytes)
        }
        if !ancestors.isEmpty {
            guard ancestors.count <= SessionFacts.mostAncestors else { throw .badValue(tag: 19) }
            var value = CompositeValue(tag: 19)
            for process in ancestors { try value.put(process, ProcessIdentity.ancestorPIDs) }
            writer.put(19, value.bytes)
        }
        try writer.put(20, number: columns, in: SessionFacts.widths)
        try writer.put(21, command, .command)
    }
}
