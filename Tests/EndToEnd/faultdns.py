"""A name server for a private /etc/resolv.conf: it answers by name, or not at all."""

import socket
import struct
import threading
import time

ADDRESS = "127.0.0.53"
NXDOMAIN, SERVFAIL = 3, 2


class NameServer:
    """Serves `ADDRESS`:53/udp. `names` maps a name to seconds of delay (then 127.0.0.1), a response code, or None:
    silence."""

    def __init__(self, names):
        self.names = names
        self.asked = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                query, client = self.socket.recvfrom(1500)
            except OSError:
                return
            threading.Thread(target=self._answer, args=(query, client), daemon=True).start()

    def _answer(self, query, client):
        labels, end = [], 12
        while query[end]:
            labels.append(query[end + 1 : end + 1 + query[end]].decode())
            end += 1 + query[end]
        name = ".".join(labels).lower()
        question = query[12 : end + 5]
        kind = struct.unpack(">H", query[end + 1 : end + 3])[0]
        self.asked.add(name)
        code, records = NXDOMAIN, b""
        match self.names.get(name, NXDOMAIN):
            case None:
                return
            case float(delay):
                time.sleep(delay)
                code = 0
                if kind == 1:  # A; there is no AAAA
                    records = struct.pack(">HHHIH4s", 0xC00C, 1, 1, 1, 4, socket.inet_aton("127.0.0.1"))
            case int(given):
                code = given
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1 if records else 0, 0, 0)
        try:
            self.socket.sendto(head + question + records, client)
        except OSError:
            pass  # the server was closed meanwhile
