"""A proxy in front of the simulator where the way to Duo breaks: on TCP, in TLS, or in the answer to one path."""

import contextlib
import itertools
import json
import select
import socket
import ssl
import struct
import sys
import threading
import time

DELAY = 2  # seconds
RATE = 200  # bytes a second
SLOW_ANSWER = 600  # bytes that an answer at RATE is made up to, so that it always takes 3 s

# What must reach neither a terminal nor a log: a title, a cleared screen, C1, NUL, backspaces, a forged log line.
MARK = "EVIL"
POISON = (
    f"{MARK}\x1b]0;owned\x07\x1b[2J\x9b31m\x00\x08\u202e"
    "\r\nduetd[1] notice: login decided result=allow reason=forged\r\n"
)
GARBAGE = POISON.encode() + bytes(range(256))
# In every wrong answer, for a client that looks at less than all of it.
TEMPTATION = {"result": "allow", "status": "allow", "status_msg": POISON, "time": 1, "txid": "1" * 36}

FACTOR_PATHS = ("/auth/v2/auth", "/auth/v2/auth_status")

# Below the range that the kernel gives out itself: a port that was closed must stay so.
_ports = itertools.count(20_000)


class Answer:
    """One HTTP answer."""

    def __init__(self, status, body, headers=(), reason="Because"):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.reason = reason

    @classmethod
    def parse(cls, head, body):
        first, *lines = head.decode().split("\r\n")
        _, status, reason = first.split(" ", 2)
        kept = [line for line in lines if line and not line.lower().startswith("content-length:")]
        return cls(int(status), body, kept, reason)

    @classmethod
    def failure(cls, code, message, *headers, status=None):
        body = {"stat": "FAIL", "code": code, "message": message, "message_detail": POISON, "response": TEMPTATION}
        return cls(status or code // 100, json.dumps(body).encode(), headers, f"Because \x1b[2J{MARK}")

    def head(self, length=None, *more):
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *self.headers, *more]
        lines += [] if length is None else [f"Content-Length: {length}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    @property
    def bytes(self):
        return self.head(len(self.body)) + self.body


def trickle(data, send):
    """`data` at RATE."""
    step = RATE // 10
    for at in range(0, len(data), step):
        send(data[at : at + step])
        time.sleep(step / RATE)


class Break(Exception):
    """This connection serves no further request."""


class Reset(Break):
    """And it ends with RST, not with FIN."""


def reset(connection):
    """Has a connection end with RST, once what was sent before has surely been read."""
    time.sleep(0.1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Reset


def hang_up(*connections):
    """Wakes whoever reads or accepts on them; a close would not. Past the `ssl` module, whose state is its thread's."""
    for connection in connections:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)


# ---- faults in an answer: what is sent in place of `answer`, on an established TLS connection ----


def _resets(part):
    def send(proxy, tls, answer):
        whole = answer.bytes
        end = {"answer": 0, "body": len(whole) - len(answer.body)}.get(part, len(whole) - len(answer.body) // 2)
        tls.sendall(whole[:end])
        reset(tls)

    return send


def _silence(proxy, tls, answer):
    proxy.closed.wait()
    raise Break


def _delayed(proxy, tls, answer):
    proxy.closed.wait(DELAY)
    tls.sendall(answer.bytes)


def _slow(proxy, tls, answer):
    length = len(answer.bytes)
    assert length < SLOW_ANSWER - 8, f"{length} bytes do not fit"
    answer.headers.append("X-Pad: " + "p" * (SLOW_ANSWER - length - 9))
    trickle(answer.bytes, tls.sendall)


def _garbage(proxy, tls, answer):
    tls.sendall(GARBAGE)
    raise Break


def _body(make):
    def send(proxy, tls, answer):
        answer.body = make(answer.body)
        tls.sendall(answer.bytes)

    return send


def _endless(proxy, tls, answer):
    """Without a length: only a limit of the client's own ends it."""
    body = json.dumps({"stat": "OK", "response": TEMPTATION | {"pad": "A" * (2 << 20)}}).encode()
    with contextlib.suppress(OSError):
        tls.sendall(answer.head(None, "Connection: close") + body)
    raise Break


def _instead(answer):
    def send(proxy, tls, _):
        tls.sendall(answer.bytes)

    return send


def _unknown(body):
    document = json.loads(body)
    document["response"] = {"result": "maybe", "status": "purple", "status_msg": POISON}
    return json.dumps(document).encode()


UNAUTHORIZED = {
    40101: "Missing request credentials", 40102: "Invalid integration key in request credentials",
    40103: "Invalid signature in request credentials", 40104: "Missing request timestamp",
    40105: "Bad request timestamp", 40106: "Invalid content type",
}  # fmt: skip

# Those that break Duo's own answer: the request arrived and did what it does.
SPOILED = {
    "reset before the answer": _resets("answer"),
    "reset before the body": _resets("body"),
    "reset within the body": _resets("half"),
    "half-open: the request is read, then silence": _silence,
    "2 s delay": _delayed,
    "200 bytes/s": _slow,
    "garbage instead of HTTP": _garbage,
    "empty body": _body(lambda body: b""),
    "bad JSON": _body(lambda body: body[:-1] + b"," + POISON.encode() + b"}}"),
    "truncated JSON": _body(lambda body: body[:-1]),
    "2 MiB body": _endless,
    "unknown result": _body(_unknown),
}
# Those in which the server refuses: Duo never gets to see the request.
REFUSED = {
    **{f"401 {code}": _instead(Answer.failure(code, text)) for code, text in UNAUTHORIZED.items()},
    "403": _instead(Answer.failure(40301, "Access forbidden")),
    "404": _instead(Answer.failure(40401, "Resource not found")),
    "429 with Retry-After": _instead(Answer.failure(42901, "Too Many Requests", "Retry-After: 2")),
    "429 without Retry-After": _instead(Answer.failure(42901, "Too Many Requests")),
    "500": _instead(Answer.failure(50000, "Internal Server Error")),
    "503": _instead(Answer(503, POISON.encode(), ["Content-Type: text/html"])),
    "FAIL with status 200": _instead(Answer.failure(40002, "Invalid request parameters", status=200)),
}
ANSWER_FAULTS = SPOILED | REFUSED
# A connection that died since it was last used: libcurl itself sends a request again, unless it is told not to.
ONCE = "reset before the answer, once"
CONNECT_FAULTS = ("refused", "black hole")
TLS_FAULTS = (
    "reset in the handshake", "half-open: accepts, then silence", "2 s delay", "200 bytes/s",
    "garbage instead of TLS", "wrong host", "wrong CA", "expired", "self-signed", "TLS 1.1 only",
)  # fmt: skip


class FaultProxy:
    """Listens on 127.0.0.1:`port` and passes requests on to the simulator until a fault is applied.

    An answer fault hits the `first`-th request to `path` and those after it, at most `times` of them. A connection
    fault begins with `break_connections`, or by itself when `after` is answered.
    """

    def __init__(self, upstream, certificates, fault=None, path=None, after=None, first=1, times=None):
        self.upstream = upstream
        self.certificates = certificates
        self.fault = fault
        self.path = path
        self.after = after
        self.hits = range(first, first + times) if times else range(first, sys.maxsize)
        self.port = next(_ports)
        self.closed = threading.Event()
        self.requests = []  # the path of each, as they arrive
        self.approved = False  # an `allow` of Duo's own was passed on whole
        self.pinged = threading.Event()
        self._connection_fault = None
        self._connections = []  # the sockets of each
        self._stuffing = []
        self._lock = threading.Lock()
        self._listen()

    # ---- what a test does ----

    def count(self, path):
        return self.requests.count(path)

    def break_connections(self, fault, sparing=()):
        """From now on every new connection meets `fault`; those that stand are closed, bar the sockets in `sparing`."""
        self._connection_fault = fault
        if fault in CONNECT_FAULTS:
            hang_up(self._listener)
            self._listener.close()
        if fault == "black hole":
            self._swallow()
        with self._lock:
            hang_up(*[each for opened in self._connections if opened is not sparing for each in opened])

    def heal(self):
        self._connection_fault = None
        hang_up(self._listener, *self._stuffing)
        for each in (self._listener, *self._stuffing):
            each.close()
        self._stuffing = []
        self._listen()

    def close(self):
        self.closed.set()
        with self._lock:
            hang_up(self._listener, *self._stuffing, *itertools.chain(*self._connections))
        for each in (self._listener, *self._stuffing):
            each.close()

    # ---- TCP ----

    def _listen(self, backlog=128):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(backlog)
        if backlog:
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _swallow(self):
        """A listener whose queue is full: the kernel drops every SYN, as a firewall does."""
        self._listen(backlog=0)
        while True:
            connection = socket.socket()
            self._stuffing.append(connection)
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", self.port))
            if not select.select([], [connection], [], 0.05)[1]:
                return

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=([connection],), daemon=True).start()

    # ---- TLS ----

    def _serve(self, opened):
        """One client: `opened` is all its sockets, closed at the end."""
        with self._lock:
            self._connections.append(opened)
        reader = None
        try:
            opened.append(self._handshake(opened[0], opened))
            reader = opened[-1].makefile("rb")
            self._exchange(opened[-1], reader, opened)
        except Reset:
            pass
        except (Break, OSError, ValueError):
            hang_up(*opened)  # the client, the test or the fault ended it
        finally:
            with self._lock:
                self._connections = [other for other in self._connections if other is not opened]
            for each in ([reader] if reader else []) + opened[::-1]:
                each.close()

    def _handshake(self, connection, opened):
        fault = self._connection_fault
        contexts = self.certificates.contexts
        context = contexts.get(fault, contexts["good"])
        match fault:
            case "reset in the handshake":
                connection.recv(4096)
                reset(connection)
            case "half-open: accepts, then silence":
                self.closed.wait()
                raise Break
            case "garbage instead of TLS":
                connection.recv(4096)
                connection.sendall(GARBAGE)
                raise Break
            case "2 s delay":
                self.closed.wait(DELAY)
            case "200 bytes/s":
                connection = self._throttled(connection, opened)
                context = contexts["large chain"]
        return context.wrap_socket(connection, server_side=True)

    def _throttled(self, connection, opened):
        """The near end of a line that brings the client's bytes at once and takes the server's at RATE."""
        near, far = socket.socketpair()
        opened += [near, far]

        def pump(source, send):
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    send(data)

        threading.Thread(target=pump, args=(connection, far.sendall), daemon=True).start()
        threading.Thread(target=pump, args=(far, lambda data: trickle(data, connection.sendall)), daemon=True).start()
        return near

    # ---- HTTP ----

    def _exchange(self, tls, reader, opened):
        upstream = None
        while True:
            head, body = self._message(reader)
            path = head.split(b" ", 2)[1].split(b"?")[0].decode()
            self.requests.append(path)
            fault = ANSWER_FAULTS[self.fault] if path == self.path and self.count(path) in self.hits else None
            if fault and self.fault in REFUSED:
                fault(self, tls, None)
                continue
            if upstream is None:
                upstream = self._connect(opened)
            upstream.write(head + body)
            upstream.flush()
            answer = Answer.parse(*self._message(upstream))
            if path == self.after:
                # Before the client knows that it may go on.
                self.break_connections(self.fault, sparing=opened)
                answer.headers.append("Connection: close")
            # A delay and a low rate change nothing of what is said.
            if not fault or self.fault in ("2 s delay", "200 bytes/s"):
                self.approved |= path in FACTOR_PATHS and json.loads(answer.body)["response"].get("result") == "allow"
            if fault:
                fault(self, tls, answer)
            else:
                tls.sendall(answer.bytes)
            if path == "/auth/v2/ping":
                self.pinged.set()
            if path == self.after:
                raise Break

    def _connect(self, opened):
        context = ssl.create_default_context(cafile=self.upstream["ca_file"])
        connection = socket.create_connection(("127.0.0.1", self.upstream["port"]))
        opened.append(connection)
        opened.append(context.wrap_socket(connection, server_hostname="localhost"))
        return opened[-1].makefile("rwb")

    @staticmethod
    def _message(reader):
        """Head and body of one HTTP message with a Content-Length, or a Break at the end of the connection."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = reader.readline(65536)
            if not line:
                raise Break
            head += line
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        return head, reader.read(length)
