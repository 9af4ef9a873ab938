"""What a login costs, beside its floor and in one run: run by `make bench` inside Tests/EndToEnd/sandbox."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/EndToEnd"))
import duet  # noqa: E402

ROUNDTRIP = os.environ["BENCH_ROUNDTRIP"]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3000))
PUSHES = int(os.environ.get("BENCH_PUSHES", 200))
DELAY_MS = 50
TYPED = min(PUSHES, 25)  # each takes half a second, and a daemon asks ahead 60 times a minute
# pam_duet.so's return values that the bench expects: a bench that measures failures measures nothing.
PAM_SUCCESS, PAM_AUTHINFO_UNAVAIL, PAM_USER_UNKNOWN = 0, 9, 10


def measure(rounds, floor, user, expected, flags="-", service="duet-bench"):
    line = subprocess.run(
        [ROUNDTRIP, "measure", str(rounds), str(floor), "/etc/pam.d", service, user, flags],
        check=True, capture_output=True, text=True,
    ).stdout
    result = json.loads(line)
    assert result["result"] == expected, f"pam_authenticate returned {result['result']}, not {expected}"
    return result


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def no_duo(folder):
    """A verdict that needs no Duo: a user whom this host does not know."""
    floor_socket = folder / "floor.sock"
    floor = subprocess.Popen([ROUNDTRIP, "serve", floor_socket], stdout=subprocess.PIPE)
    floor.stdout.readline()
    try:
        result = measure(ROUNDS, floor_socket, "nobody-knows-me", PAM_USER_UNKNOWN)
        host = measure(ROUNDS, "-", "nobody-knows-me", PAM_AUTHINFO_UNAVAIL, service="duet-bench-alone")
    finally:
        floor.kill()
        floor.wait()
    print("\nModule round trip for a verdict that needs no Duo (pam_start to pam_end, with the module's dlopen)\n")
    row("", "p50 us", "p99 us")
    row("---", "---", "---")
    row("C client and epoll server, 90 and 30 bytes", result["floor"]["p50"], result["floor"]["p99"])
    row("libpam alone: the same stack and module, nobody listening", host["login"]["p50"], host["login"]["p99"])
    row("pam_duet and duetd", result["login"]["p50"], result["login"]["p99"])
    ours = {p: result["login"][p] - host["login"][p] for p in ("p50", "p99")}
    row("what asking the daemon adds, over the C floor", *(f"{ours[p] / result['floor'][p]:.1f} x" for p in ours))


def push(folder, simulator, delay_ms):
    """Push logins that Duo approves at once, on a warm daemon; with the host's progress shown (async) and without."""
    daemon_folder = folder / f"delay-{delay_ms}"
    daemon_folder.mkdir()
    settings, proxy = {}, None
    if delay_ms:
        port = simulator.api_host.rsplit(":", 1)[1]
        script = duet.ROOT / "Tests/EndToEnd/delayproxy.py"
        proxy = subprocess.Popen(["/usr/bin/python3", "-B", script, port, str(delay_ms)], stdout=subprocess.PIPE, text=True)
        settings["api_host"] = "localhost:" + proxy.stdout.readline().strip()
    daemon = duet.Daemon(daemon_folder, duet.configuration(simulator, **settings)).wait_ready()
    rows = []
    try:
        for name, flags in (("sync (sshd, PAM_SILENT)", "silent"), ("async (progress shown)", "-")):
            measure(3, "-", "alice", PAM_SUCCESS, flags)
            simulator.ask("clear_requests")
            before = simulator.ask("connections")
            result = measure(PUSHES, "-", "alice", PAM_SUCCESS, flags)["login"]
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


def prefetched(folder, simulator):
    """What a login still takes once the password is typed, with the line that prefetches and without."""
    daemon_folder = folder / "prefetch"
    daemon_folder.mkdir()
    subprocess.run(["chpasswd", "-c", "SHA256", "-s", "1000"], input="alice:first-factor\n", text=True, check=True)
    password = "auth requisite pam_unix.so\n"
    duet.pam_service("duet-bench-typed", before=password)
    duet.pam_service("duet-bench-ahead", before=f"auth optional {duet.MODULE} prefetch\n{password}")
    port = simulator.api_host.rsplit(":", 1)[1]
    script = duet.ROOT / "Tests/EndToEnd/delayproxy.py"
    proxy = subprocess.Popen(["/usr/bin/python3", "-B", script, port, str(DELAY_MS)], stdout=subprocess.PIPE, text=True)
    api_host = "localhost:" + proxy.stdout.readline().strip()
    daemon = duet.Daemon(daemon_folder, duet.configuration(simulator, api_host=api_host)).wait_ready()
    rows = []
    try:
        for name, service in (("without prefetch", "duet-bench-typed"), ("with prefetch", "duet-bench-ahead")):
            measure(1, "-", "alice", PAM_SUCCESS, "typing", service)
            simulator.ask("clear_requests")
            result = measure(TYPED, "-", "alice", PAM_SUCCESS, "typing", service)["login"]
            requests = len(simulator.requests()) / TYPED
            rows.append((name, f"{result['p50'] / 1000:.2f}", f"{result['p99'] / 1000:.2f}", f"{requests:.2f}"))
    finally:
        daemon.stop()
        proxy.kill()
        proxy.wait()
    return rows


def main():
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-bench-"))
    folder.chmod(0o755)
    duet.RUN.mkdir(mode=0o755)
    subprocess.run(["useradd", "-m", "alice"], check=True)
    duet.pam_service("duet-bench")
    duet.pam_service("duet-bench-alone", options="socket=/run/nobody/listens.sock")
    simulator = duet.Simulator(folder, "--auto", "approve", "--auto-after", "0")
    try:
        daemon = duet.Daemon(folder, duet.configuration(simulator)).wait_ready()
        no_duo(folder)
        daemon.stop()
        rows = push(folder, simulator, 0) + push(folder, simulator, DELAY_MS)
        typed = prefetched(folder, simulator)
    finally:
        simulator.stop()
    print("\nPush login that Duo approves at once, warm daemon (pam_start to pam_end; preauth included)\n")
    row("host", "round trip to Duo", "p50 ms", "p99 ms", "requests per login", "TLS handshakes per login", "reads per request")
    row(*["---"] * 7)
    for cells in rows:
        row(*cells)
    print(f"\nThe same at {DELAY_MS} ms, sync, from the password on, which takes 500 ms to type (pam_unix included)\n")
    row("stack", "p50 ms", "p99 ms", "requests per login")
    row(*["---"] * 4)
    for cells in typed:
        row(*cells)


main()
