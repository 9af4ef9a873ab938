import DuoAPI

extension LoginLoop: TransportDriver {
    func drive(_ transport: TransportLoop) {
        execute { $0.transports.add(transport) }
    }

    func wake(_ transport: TransportLoop) {
        execute { $0.transports.work(transport) }
    }
}
