"""What a login costs, beside its floor and in one run: run by `make bench` inside Tests/EndToEnd/sandbox.

bench.py [ROW…]   the rows named, or all; their functions are below.
"""

import json
import os
import pathlib
import struct
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/EndToEnd"))
import duet  # noqa: E402

ROUNDTRIP = os.environ["BENCH_ROUNDTRIP"]
FLOOR_MODULE = os.environ["BENCH_FLOOR_MODULE"]
HTTPS_FLOOR = os.environ["BENCH_HTTPS_FLOOR"]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3000))
STARTS = int(os.environ.get("BENCH_STARTS", 11))
WAITING = int(os.environ.get("BENCH_WAITING", 10_000))
PENDING = int(os.environ.get("BENCH_PENDING", 1_000))
REMEMBERED = int(os.environ.get("BENCH_REMEMBERED", 100_000))
PUSHES = int(os.environ.get("BENCH_PUSHES", 200))
SECONDS = float(os.environ.get("BENCH_SECONDS", 5))
DELAY_MS = 50
TYPED = min(PUSHES, 25)  # each takes half a second, and a daemon asks ahead 60 times a minute
CALLERS = 8
SOAK = int(os.environ.get("BENCH_SOAK", 1_000_000))
SOAK_PIECES = 20
# pam_duet.so's return value that the bench expects: a bench that measures failures measures nothing.
PAM_SUCCESS = 0
# What duetd.service sets.
UNIT = {"GNUTLS_NO_IMPLICIT_INIT": "1"}
REMEMBERING = """
[[rule]]
name = "remembering"
when = { user = ["alice", "bob"] }
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


def begin_frame(user="alice", service="duet-bench", seconds=600, silent=False):
    """A BEGIN of docs/protocol.md with what it must have, so nothing but the account and the service is known. `silent`: the host shows no
    progress."""
    fields = [
        (1, os.urandom(16)), (2, user.encode()), (3, service.encode()), (4, struct.pack(">I", 0)),
        (5, struct.pack(">I", int(silent))), (6, struct.pack(">I", seconds * 1000)),
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


class DelayingProxy:
    """The way to the simulator, with a round trip of so many milliseconds; with 0, the simulator itself."""

    def __init__(self, simulator, delay_ms):
        self.api_host, self.child = simulator.api_host, None
        if delay_ms:
            port = simulator.api_host.rsplit(":", 1)[1]
            script = duet.ROOT / "Tests/EndToEnd/delayproxy.py"
            arguments = ["/usr/bin/python3", "-B", script, port, str(delay_ms)]
            self.child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
            self.api_host = "localhost:" + self.child.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child:
            self.child.kill()
            self.child.wait()


def beside(simulator, proxy, rounds, flags, service, word, empty="duet-empty", frame=None):
    """Logins, each beside the requests that it needs as a C client sends them, beside a login through the same stack with a module that
    does nothing, and beside one that begins with the file `frame` at the daemon's socket, without libpam; and what Duo saw of the logins."""
    facts = simulator.facts
    floor = HTTPS_FLOOR, proxy.api_host, facts["ca_file"], facts["integration_key"], facts["secret_key"], "alice"
    roundtrip("login", 1, "alice", flags, service)
    simulator.ask("clear_requests")
    before = simulator.ask("connections")["handshakes"]
    alone = duet.LOGIN_SOCKET, frame or "-"
    result = roundtrip("beside", rounds, "alice", flags, empty, service, *alone, word, *floor)
    # Those of the floor come over one connection, its own.
    theirs = {r["connection"] for r in simulator.requests() if r["parameters"].get("hostname") == "floor"}
    assert len(theirs) == 1, f"the floor needed {len(theirs)} connections"
    requests = [r for r in simulator.requests() if r["connection"] not in theirs]
    handshakes = simulator.ask("connections")["handshakes"] - before - 1
    counted = (rounds + 2) * (2 if frame else 1)
    return result, (
        f"{len(requests) / counted:.2f}", f"{handshakes / counted:.2f}",
        f"{sum(r['reads'] for r in requests) / len(requests):.2f}",
    )  # fmt: skip


OVER_FLOOR = (
    "round trip to Duo", "floor p50 ms", "floor p99 ms", "p50 ms", "p99 ms", "over the floor, p50 ms", "goal",
    "of it PAM with an empty module, ms", "over the floor, over the socket alone, ms", "requests per login", "TLS handshakes per login",
    "reads per request",
)  # fmt: skip


def over_floor(name, delay_ms, measured, seen):
    """Milliseconds over the floor, and what they may be: what Duet does itself must not grow with the way to Duo."""
    goal = 3 if delay_ms else 0.4
    floor, ours = measured["floor"], measured["login"]
    times = (f"{result[key] / 1000:.2f}" for result in (floor, ours) for key in ("p50", "p99"))
    # A prefetch is of a process that loads the module: there is none over the socket alone.
    alone = f"+ {(measured['socket']['p50'] - floor['p50']) / 1000:.2f}" if "socket" in measured else ""
    row(name, f"{delay_ms} ms", *times, f"+ {(ours['p50'] - floor['p50']) / 1000:.2f}", f"+ {goal}",
        f"{measured['empty']['p50'] / 1000:.2f}", alone, *seen)  # fmt: skip


def pushes(folder, simulator):
    """Push logins that Duo approves at once, on a warm daemon; with the host's progress shown (async) and without."""
    # Duo does not say what a poll is told that comes after the approval: each step, or the newest state.
    newest_folder = folder / "newest"
    newest_folder.mkdir()
    newest = duet.Simulator(newest_folder, "--auto", "approve", "--auto-after", "0", "--status-polls", "latest")
    duet.pam_service("duet-empty", module=FLOOR_MODULE)
    frames = {"silent": folder / "begin-silent", "-": folder / "begin"}
    for flags, frame in frames.items():
        frame.write_bytes(begin_frame(silent=flags == "silent"))
    table("Push login that Duo approves at once, warm daemon (pam_start to pam_end; preauth included)", "host", *OVER_FLOOR)
    for delay_ms in (0, DELAY_MS):
        rounds = max(3, PUSHES // 2) if delay_ms else PUSHES
        for name, flags, word, cloud in (
            ("sync (sshd, PAM_SILENT)", "silent", "sync", simulator),
            ("async (progress shown), a poll tells the newest state", "-", "async", newest),
            ("async, a poll tells each step", "-", "async", simulator),
        ):
            place = folder / f"{word}-{delay_ms}-{cloud is newest}"
            place.mkdir()
            with DelayingProxy(cloud, delay_ms) as proxy:
                daemon = duet.Daemon(place, duet.configuration(cloud, api_host=proxy.api_host)).wait_ready()
                try:
                    over_floor(name, delay_ms, *beside(cloud, proxy, rounds, flags, "duet-bench", word, frame=frames[flags]))
                finally:
                    daemon.stop()
    newest.stop()


def prefetched(folder, simulator):
    """What a login still takes once the password is typed, with the line that prefetches and without."""
    daemon_folder = folder / "prefetch"
    daemon_folder.mkdir()
    subprocess.run(["chpasswd", "-c", "SHA256", "-s", "1000"], input="alice:first-factor\n", text=True, check=True)
    password = "auth requisite pam_unix.so\n"
    duet.pam_service("duet-empty-typed", before=password, module=FLOOR_MODULE)
    duet.pam_service("duet-bench-typed", before=password)
    duet.pam_service("duet-bench-ahead", before=f"auth optional {duet.MODULE} prefetch\n{password}")
    table(f"The same at {DELAY_MS} ms, sync, from the password on, which takes 500 ms to type (pam_unix included)", "stack",
          *OVER_FLOOR)  # fmt: skip
    with DelayingProxy(simulator, DELAY_MS) as proxy:
        daemon = duet.Daemon(daemon_folder, duet.configuration(simulator, api_host=proxy.api_host)).wait_ready()
        try:
            for name, service, word in (
                ("without prefetch", "duet-bench-typed", "sync"), ("with prefetch", "duet-bench-ahead", "auth"),
            ):  # fmt: skip
                measured = beside(simulator, proxy, TYPED, "typing", service, word, "duet-empty-typed")
                over_floor(name, DELAY_MS, *measured)
        finally:
            daemon.stop()


def status(daemon, key):
    """KiB of a line of /proc/PID/status."""
    line = next(l for l in pathlib.Path(f"/proc/{daemon.child.pid}/status").read_text().splitlines() if l.startswith(key))
    return int(line.split()[1])


def processor(daemon):
    """Seconds that all of its threads have run, those that have ended too, to the nanosecond (clock_getcpuclockid of the C library)."""
    return time.clock_gettime(~daemon.child.pid << 3 | 2)


def confine(daemon, processors):
    """Keeps the daemon, and what is started from here on, on these processors."""
    for thread in (0, *(int(task.name) for task in pathlib.Path(f"/proc/{daemon.child.pid}/task").iterdir())):
        os.sched_setaffinity(thread, processors)


def work(folder, simulator):
    """Processor time of a push login, module and daemon; and what the module adds to its host's memory."""
    daemon = duet.Daemon(folder, duet.configuration(simulator)).wait_ready()
    duet.pam_service("duet-empty", module=FLOOR_MODULE)
    roundtrip("login", 3, "alice", "silent", "duet-bench")
    table("A push login's processor time", "", "daemon, ms", "module, ms", "both, ms", "goal", "host with an empty module, ms")
    # Libpam reads its files and loads the modules anew for every login: what a login with an empty module costs, in turn with ours, is
    # not the module's. On two processors each pays for waking the other; what the module does itself is the same on one. Of the logins
    # the fastest tenth counts, and of seven pieces the one that others on this machine disturbed least.
    free = os.sched_getaffinity(0)
    for name, processors, kind in (
        ("on one processor, the host one process", {min(free)}, "login"),
        ("on one processor, a process for each login", {min(free)}, "fresh"),
        ("on any, a process for each login", free, "fresh"),
    ):
        confine(daemon, processors)
        samples = []
        for _ in range(7):
            before = processor(daemon)
            host = roundtrip("processor", kind, PUSHES, "alice", "silent", "duet-empty", "duet-bench")
            empty, full = (host[service]["p10"] / 1000 for service in ("duet-empty", "duet-bench"))
            samples.append(((processor(daemon) - before) / PUSHES * 1000, full - empty, empty))
        duetd = min(sample[0] for sample in samples)
        _, module, host = min(samples, key=lambda sample: sample[2])
        row(name, f"{duetd:.2f}", f"{module:.3f}", f"{duetd + module:.2f}", "1.0", f"{host:.2f}")
    confine(daemon, free)
    empty, full = (
        statistics.median(roundtrip("memory", "alice", service)["kib"] for _ in range(5))
        for service in ("duet-empty", "duet-bench")
    )
    daemon.stop()
    table("Memory in the host process", "an empty module, KiB", "pam_duet, KiB", "more, KiB")
    row(empty, full, full - empty)


def time_to_ready(folder, configuration):
    """Milliseconds from exec to READY=1."""
    path = folder / "notify.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(duet.PATIENCE)
        start = time.monotonic()
        daemon = duet.Daemon(folder, configuration, env=os.environ | UNIT | {"NOTIFY_SOCKET": str(path)})
        while b"READY=1" not in notify.recv(4096):
            pass
        elapsed = (time.monotonic() - start) * 1000
    return daemon, elapsed


def remember_many(state, count):
    """The one decision that is in the store, `count` times under other keys."""
    with sqlite3.connect(next(state.glob("*.sqlite*"))) as store:
        columns = "verdict, uid, user, service, scope, bound, factor, login, why, granted, expires, used, uses"
        store.execute(
            f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO decisions (key, duo_user, {columns}) SELECT randomblob(120), 'user' || n.i, {columns}
            FROM n, (SELECT * FROM decisions LIMIT 1)""",
            (count,),
        )
    store.close()


def daemon(folder, simulator):
    """What the daemon costs a host where nobody logs in, and how soon it is there."""
    configuration = duet.configuration(simulator) + REMEMBERING
    times = []
    for _ in range(STARTS):
        running, elapsed = time_to_ready(folder, configuration)
        times.append(elapsed)
        running.stop()
    running, _ = time_to_ready(folder, configuration)
    roundtrip("login", 1, "alice", "-", "duet-bench")
    time.sleep(2)
    idle = status(running, "RssAnon") / 1024, status(running, "VmRSS") / 1024
    running.stop()
    remember_many(folder / "state", REMEMBERED)
    full = []
    for _ in range(STARTS):
        running, elapsed = time_to_ready(folder, configuration)
        full.append(elapsed)
        running.stop()
    stripped = folder / "duetd"
    subprocess.run(["strip", "-o", stripped, duet.BIN / "duetd"], check=True)
    table("The daemon", "stripped, MB", "idle RssAnon, MB", "idle RSS, MB", "start to ready, ms (median, most)",
          f"with {REMEMBERED:,} decisions, ms")  # fmt: skip
    row(f"{stripped.stat().st_size / 1e6:.1f}", *(f"{mb:.1f}" for mb in idle),
        *(f"{statistics.median(t):.0f}, {max(t):.0f}" for t in (times, full)))  # fmt: skip


def much(folder, simulator):
    """A host that remembers much, with many rules and a user in many groups, beside one with little."""
    daemons, sockets, frames = [], [], []
    with open("/etc/group", "a") as groups:
        groups.writelines(f"much-{i}:x:{20_000 + i}:alice\n" for i in range(200))
    for name, user, rules, decisions in (("little", "bob", 5, 10), ("much", "alice", 1_000, REMEMBERED)):
        place = folder / name
        place.mkdir()
        frames.append(place / "begin")
        frames[-1].write_bytes(begin_frame(user))
        others = "".join(
            f'[[rule]]\nname = "rule {i}"\nwhen = {{ service = ["other-{i}"], group = ["group-{i}"] }}\naction = "deny"\n'
            for i in range(rules - 1)
        )
        configuration = duet.configuration(simulator) + others + REMEMBERING
        first = duet.Daemon(place, configuration).wait_ready()
        roundtrip("login", 1, user, "-", "duet-bench")
        first.stop()
        remember_many(place / "state", decisions)
        sockets.append(place / "login.sock")
        options = "--login-socket", sockets[-1], "--control-socket", place / "control.sock"
        daemons.append(duet.Daemon(place, configuration, *options))
        duet.wait_for("the daemon", lambda: " ready" in daemons[-1].log.rpartition(" stopped")[2])
    results = {path: [] for path in sockets}
    with Floor(folder) as floor:
        for _ in range(5):
            for path, frame in zip(sockets, frames):
                results[path].append(roundtrip("socket", max(1, ROUNDS // 5), floor.socket, path, frame)["login"]["p50"])
    for process in daemons:
        assert process.decisions()[-1]["reason"] == "remembered", process.decisions()[-1]
        process.stop()
    little, more = (statistics.median(results[path]) for path in sockets)
    table("10 decisions and 5 rules beside 100,000 decisions and 1,000 rules, the user in 200 groups", "little, p50 us",
          "much, p50 us", "of it")  # fmt: skip
    row(little, more, f"{more / little:.2f}")


def receive(peer):
    """The type of one frame."""
    header = peer.recv(8, socket.MSG_WAITALL)
    assert len(header) == 8, "the daemon hung up"
    peer.recv(struct.unpack(">I", header[4:])[0], socket.MSG_WAITALL)
    return header[3]


def arrive(user):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(duet.PATIENCE)
    peer.connect(str(duet.LOGIN_SOCKET))
    peer.sendall(begin_frame(user))
    return peer


def waiting(folder, simulator):
    """Logins that wait at a prompt, all at once."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # What LoginLimits takes of so many descriptors.
    count = min(WAITING, (most - 64) // 2 - 64)
    process = duet.Daemon(folder, duet.configuration(simulator, 'timeout = "100s"')).wait_ready()
    roundtrip("login", 3, "alice", "silent", "duet-bench")
    before = status(process, "VmRSS")
    peers = []
    while len(peers) < count:
        some = [arrive("alice") for _ in range(min(50, count - len(peers)))]
        for peer in some:
            while receive(peer) != 0x82:
                pass
        peers += some
    each = (status(process, "VmRSS") - before) / count
    for peer in peers:
        peer.close()
    process.stop(within=60)
    table(f"{count:,} logins that wait at a prompt", "KiB each")
    row(f"{each:.1f}")


def pending(folder, simulator):
    """Pushes that wait for their people, all at once; how long after its approval each is let in."""
    names = [f"person{i}" for i in range(PENDING)]
    with open("/etc/passwd", "a") as passwd:
        passwd.writelines(f"{name}:x:{30_000 + i}:30000::/:/bin/sh\n" for i, name in enumerate(names))
    users = folder / "users.json"
    devices = [{"number": "+1 555 010 0100"}]
    users.write_text(json.dumps({"users": [{"name": name, "auto": "ignore", "devices": devices} for name in names]}))
    cloud = duet.Simulator(folder, "--users", users, "--push-timeout", "600")
    process = duet.Daemon(folder, duet.configuration(cloud, 'autopush = "wait"\ntimeout = "100s"')).wait_ready()
    before = status(process, "VmRSS")
    peers = {}
    for name in names:
        peers[name] = arrive(name)
        if len(peers) % 25 == 0:
            duet.wait_for("the pushes", lambda: len(cloud.transactions()) >= len(peers), 60)
    duet.wait_for("the pushes", lambda: sum(t["waiting"] for t in cloud.transactions()) == PENDING, 120)
    each = (status(process, "VmRSS") - before) / PENDING
    times = []
    for transaction in cloud.transactions():
        peer = peers[transaction["user"]]
        start = time.monotonic()
        cloud.ask("answer", txid=transaction["txid"], answer="approve")
        while receive(peer) != 0x83:
            pass
        times.append((time.monotonic() - start) * 1000)
        peer.close()
    process.stop()
    cloud.stop()
    times.sort()
    table(f"{PENDING:,} pushes pending at once", "KiB each", "approval to verdict, p50 ms", "p99 ms", "most ms")
    row(f"{each:.1f}", *(f"{t:.1f}" for t in (times[len(times) // 2], times[len(times) * 99 // 100], times[-1])))


def soak(folder, simulator):
    """Very many logins, in pieces: after the first pieces neither memory nor descriptors may grow."""
    frame = folder / "begin"
    frame.write_bytes(begin_frame())
    process = duet.Daemon(folder, duet.configuration(simulator) + REMEMBERING).wait_ready()
    roundtrip("login", 1, "alice", "-", "duet-bench")
    table(f"Soak: {SOAK:,} remembered logins", "logins", "RSS, KiB", "RssAnon, KiB", "descriptors")
    samples = []
    with Floor(folder) as floor:
        for piece in range(SOAK_PIECES):
            roundtrip("socket", SOAK // SOAK_PIECES, floor.socket, duet.LOGIN_SOCKET, frame)
            descriptors = len(os.listdir(f"/proc/{process.child.pid}/fd"))
            samples.append((status(process, "RssAnon"), descriptors))
            row(f"{(piece + 1) * (SOAK // SOAK_PIECES):,}", status(process, "VmRSS"), *samples[-1])
            # It lies in memory here.
            os.truncate(process.log_path, 0)
    process.stop()
    settled = samples[len(samples) // 4]
    assert samples[-1][0] <= settled[0] + 1024, f"memory grows: {samples}"
    # The last login may still be on its way out.
    assert samples[-1][1] <= settled[1] + 2, f"descriptors grow: {samples}"


# What `make bench` does; `soak` is by name alone.
ROWS = {
    "remembered": remembered, "pushes": pushes, "prefetched": prefetched, "work": work, "daemon": daemon, "much": much, "waiting": waiting,
    "pending": pending,
}  # fmt: skip


def main():
    names = sys.argv[1:] or list(ROWS)
    rows = ROWS | {"soak": soak}
    duet.RUN.mkdir(mode=0o755)
    subprocess.run(["useradd", "-m", "alice"], check=True)
    subprocess.run(["useradd", "-m", "bob"], check=True)
    duet.pam_service("duet-bench")
    top = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-bench-"))
    top.chmod(0o755)
    simulator = duet.Simulator(top, "--auto", "approve", "--auto-after", "0")
    try:
        for name in names:
            folder = top / name
            folder.mkdir(mode=0o755)
            rows[name](folder, simulator)
    finally:
        simulator.stop()


main()
