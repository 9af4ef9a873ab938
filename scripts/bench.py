"""What a login costs, beside its floor and in one run: run by `make bench` inside Tests/EndToEnd/sandbox.

bench.py [ROW…]   the rows named, or all; their functions are below.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/EndToEnd"))
import duet  # noqa: E402

ROUNDTRIP = os.environ["BENCH_ROUNDTRIP"]
FLOOR_MODULE = os.environ["BENCH_FLOOR_MODULE"]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3000))
PUSHES = int(os.environ.get("BENCH_PUSHES", 200))
SECONDS = float(os.environ.get("BENCH_SECONDS", 5))
DELAY_MS = 50
CALLERS = 8
# pam_duet.so's return value that the bench expects: a bench that measures failures measures nothing.
PAM_SUCCESS = 0
REMEMBERING = """
[[rule]]
name = "remembering"
when = { user = ["alice"] }
action = "require"
remember = { scope = "user", allow = "1h" }
"""


def roundtrip(*arguments):
    line = subprocess.run([ROUNDTRIP, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    result = json.loads(line)
    results = result.get("results", [result.get("result", PAM_SUCCESS)])
    assert set(results) == {PAM_SUCCESS}, f"pam_authenticate returned {results}"
    return result


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def table(title, *columns):
    print(f"\n{title}\n")
    row(*columns)
    row(*["---"] * len(columns))


def ratios(name, floor, ours):
    row(name, floor["p50"], floor["p99"], ours["p50"], ours["p99"],
        f"{ours['p50'] / floor['p50']:.2f}", f"{ours['p99'] / floor['p99']:.2f}")  # fmt: skip


def begin_frame(user="alice", service="duet-bench"):
    """A BEGIN of docs/protocol.md with what it must have, so nothing but the account and the service is known."""
    fields = [
        (1, os.urandom(16)), (2, user.encode()), (3, service.encode()), (4, struct.pack(">I", 0)),
        (5, struct.pack(">I", 0)), (6, struct.pack(">I", 60_000)),
    ]  # fmt: skip
    body = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in fields)
    return b"DU\x01\x01" + struct.pack(">I", len(body)) + body


class Floor:
    """The C server on epoll that the same program asks."""

    def __init__(self, folder):
        self.socket = folder / "floor.sock"
        self.server = subprocess.Popen([ROUNDTRIP, "serve", self.socket], stdout=subprocess.PIPE)
        self.server.stdout.readline()
        duet.pam_service("duet-floor", options=self.socket, module=FLOOR_MODULE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()


def remembered(folder, simulator):
    """A verdict that needs no Duo: an allow that is remembered."""
    frame = folder / "begin"
    frame.write_bytes(begin_frame())
    daemon = duet.Daemon(folder, duet.configuration(simulator) + REMEMBERING).wait_ready()
    with Floor(folder) as floor:
        roundtrip("login", 1, "alice", "-", "duet-bench")
        fresh = roundtrip("fresh", ROUNDS, "alice", "-", "duet-floor", "duet-bench")
        alone = roundtrip("socket", ROUNDS, floor.socket, duet.LOGIN_SOCKET, frame)
        many = [
            roundtrip("many", CALLERS, SECONDS, socket, what)["per_second"]
            for socket, what in ((floor.socket, "-"), (duet.LOGIN_SOCKET, frame))
        ]
    assert daemon.decisions()[-1]["reason"] == "remembered", daemon.decisions()[-1]
    daemon.stop()
    table("A verdict that needs no Duo: a remembered allow", "", "floor p50 us", "floor p99 us", "p50 us", "p99 us",
          "p50, of the floor", "p99, of the floor")  # fmt: skip
    ratios("pam_start to pam_end, a process of its own", fresh["duet-floor"], fresh["duet-bench"])
    ratios("over the socket alone", alone["floor"], alone["login"])
    table(f"Remembered verdicts per second, {CALLERS} callers at once", "floor", "duetd", "of the floor")
    row(*many, f"{many[1] / many[0]:.2f}")


def push(folder, simulator, delay_ms):
    """Push logins that Duo approves at once, on a warm daemon; with the host's progress shown (async) and without."""
    daemon_folder = folder / f"delay-{delay_ms}"
    daemon_folder.mkdir()
    settings, proxy = {}, None
    if delay_ms:
        port = simulator.api_host.rsplit(":", 1)[1]
        script = duet.ROOT / "Tests/EndToEnd/delayproxy.py"
        proxy = subprocess.Popen(
            ["/usr/bin/python3", "-B", script, port, str(delay_ms)], stdout=subprocess.PIPE, text=True
        )
        settings["api_host"] = "localhost:" + proxy.stdout.readline().strip()
    daemon = duet.Daemon(daemon_folder, duet.configuration(simulator, **settings)).wait_ready()
    rows = []
    try:
        for name, flags in (("sync (sshd, PAM_SILENT)", "silent"), ("async (progress shown)", "-")):
            roundtrip("login", 3, "alice", flags, "duet-bench")
            simulator.ask("clear_requests")
            before = simulator.ask("connections")
            result = roundtrip("login", PUSHES, "alice", flags, "duet-bench")["duet-bench"]
            after = simulator.ask("connections")
            requests = simulator.requests()
            rows.append(
                (name, f"{delay_ms} ms", f"{result['p50'] / 1000:.2f}", f"{result['p99'] / 1000:.2f}",
                 f"{len(requests) / PUSHES:.2f}", f"{(after['handshakes'] - before['handshakes']) / PUSHES:.2f}",
                 f"{sum(r['reads'] for r in requests) / len(requests):.2f}")
            )  # fmt: skip
    finally:
        daemon.stop()
        if proxy:
            proxy.kill()
            proxy.wait()
    return rows


def pushes(folder, simulator):
    rows = push(folder, simulator, 0) + push(folder, simulator, DELAY_MS)
    table("Push login that Duo approves at once, warm daemon (pam_start to pam_end; preauth included)", "host",
          "round trip to Duo", "p50 ms", "p99 ms", "requests per login", "TLS handshakes per login",
          "reads per request")  # fmt: skip
    for cells in rows:
        row(*cells)


ROWS = {"remembered": remembered, "pushes": pushes}


def main():
    names = sys.argv[1:] or list(ROWS)
    duet.RUN.mkdir(mode=0o755)
    subprocess.run(["useradd", "-m", "alice"], check=True)
    duet.pam_service("duet-bench")
    top = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-bench-"))
    top.chmod(0o755)
    simulator = duet.Simulator(top, "--auto", "approve", "--auto-after", "0")
    try:
        for name in names:
            folder = top / name
            folder.mkdir(mode=0o755)
            ROWS[name](folder, simulator)
    finally:
        simulator.stop()


main()
