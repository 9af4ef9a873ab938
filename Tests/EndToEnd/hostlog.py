"""The host's log: a journal and a syslog that keep what they get, under the names that every program looks for."""

import os
import pathlib
import re
import socket
import struct
import subprocess
import threading

import canary
import duet

JOURNAL = pathlib.Path("/run/systemd/journal/socket")
SYSLOG = pathlib.Path("/run/systemd/journal/dev-log")


def private_dev():
    """A /dev with our own /dev/log in it. The devices are the host's: its directories bound, its nodes by links."""
    host, own = pathlib.Path("/run/sandbox/host-dev"), pathlib.Path("/run/sandbox/dev")
    for folder, options in ((host, ["--rbind", "/dev"]), (own, ["-t", "tmpfs", "-o", "mode=0755", "duet-dev"])):
        folder.mkdir()
        subprocess.run(["mount", *options, folder], check=True)
    for entry in host.iterdir():
        place = own / entry.name
        if entry.name in ("log", "ptmx"):
            continue
        if entry.is_symlink():
            place.symlink_to(os.readlink(entry))
        elif entry.is_dir():
            place.mkdir()
            subprocess.run(["mount", "--rbind", entry, place], check=True)
        else:
            place.symlink_to(entry)
    (own / "ptmx").symlink_to("pts/ptmx")
    (own / "log").symlink_to(SYSLOG)
    subprocess.run(["mount", "--rbind", own, "/dev"], check=True)


class Listener:
    """A datagram socket, and what came."""

    def __init__(self, path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o666)
        self.datagrams = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                data = self.socket.recv(1 << 18)
            except OSError:
                return
            if not data:
                return
            canary.search(f"a datagram to {self.path.name}", data)
            self.datagrams.append(data)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.path.unlink(missing_ok=True)


class Journal(Listener):
    def __init__(self):
        super().__init__(JOURNAL)

    def records(self, **wanted):
        """Every record that has these fields."""
        found = [fields(data) for data in self.datagrams]
        return [record for record in found if wanted.items() <= record.items()]


class Syslog(Listener):
    def __init__(self):
        super().__init__(SYSLOG)

    def lines(self, word=""):
        return [line for line in (data.decode().rstrip("\0\n") for data in self.datagrams) if word in line]


def fields(data):
    """A datagram of the journal's native protocol as journald reads it: the last of a name would win, so there must be one."""
    record = {}
    while data:
        head, _, data = data.partition(b"\n")
        name, equals, value = head.partition(b"=")
        if not equals:
            (count,) = struct.unpack("<Q", data[:8])
            value, data = data[8 : 8 + count], data[8 + count :]
            assert data[:1] == b"\n", "a field without its end"
            data = data[1:]
        name = name.decode()
        assert re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name), name
        assert name not in record, f"{name} stands twice"
        record[name] = value.decode()
    return record
