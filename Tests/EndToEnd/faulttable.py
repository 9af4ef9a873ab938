"""The fault table: which faults there are at which stage, how a row is driven, and how the table is written.

What a row must be is not said here but in test_faults.py, which knows nothing of the daemon's own words.
"""

import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import pty
import re
import shutil
import subprocess
import time

import pexpect.fdpexpect

import canary
import duet
import faultdns
import faultproxy
from faultcertificates import HOST, Certificates

USER = "push-approve"  # the simulator's: their phone approves every push at once
FAIL_MODES = ("closed", "open")
LOGIN_TIMEOUT = 75  # seconds: a push is sent with 65 left or not at all; only faults after preauth meet it
LONG = 1.5  # seconds: who waits less was answered at once
MENU = rb"(?:Passcode or option|Option) \([-\d]+\): "

STAGES = {
    "dns": "looking the name up",
    "connect": "connecting",
    "tls": "the TLS handshake",
    "preauth": "preauth: who may log in with what",
    "auth": "auth: the push is being sent",
    "auth_status": "auth_status: the person is being waited for",
    "auth in sshd": "auth in sshd: the push is sent and waited for in one call",
}
PATHS = {
    "preauth": "/auth/v2/preauth",
    "auth": "/auth/v2/auth",
    "auth_status": "/auth/v2/auth_status",
    "auth in sshd": "/auth/v2/auth",
}
# The request before: its connection is closed where a fault of a connection is to come within a login.
PREVIOUS = {"auth": "/auth/v2/preauth", "auth_status": "/auth/v2/auth", "auth in sshd": "/auth/v2/preauth"}
DNS_FAULTS = {
    "NXDOMAIN": ("api-nxdomain.duo.test", faultdns.NXDOMAIN),
    "SERVFAIL": ("api-servfail.duo.test", faultdns.SERVFAIL),
    "a resolver that drops everything": ("api-silence.duo.test", None),
    "2 s delay": ("api-slow.duo.test", 2.0),
}
# What pam_strerror says, which is all that pamtester tells.
PAM = {
    "successfully authenticated": "PAM_SUCCESS",
    "Authentication failure": "PAM_AUTH_ERR",
    "Permission denied": "PAM_PERM_DENIED",
    "System error": "PAM_SYSTEM_ERR",
    "Critical error - immediate abort": "PAM_ABORT",
    "Have exhausted maximum number of retries for service": "PAM_MAXTRIES",
    "Authentication service cannot retrieve authentication info": "PAM_AUTHINFO_UNAVAIL",
    "User not known to the underlying authentication module": "PAM_USER_UNKNOWN",
    "Conversation error": "PAM_CONV_ERR",
    "The return value should be ignored by PAM dispatch": "PAM_IGNORE",
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One fault at one stage with one fail mode."""

    stage: str
    fault: str
    fail: str

    @property
    def is_of_connection(self):
        return self.stage in ("connect", "tls") or (self.stage in PREVIOUS and self.fault in AGAIN)


@dataclasses.dataclass
class Result:
    """What one login was like: nothing in here is an opinion."""

    row: Row
    pam: str
    seconds: float
    seen: list
    decision: dict
    level: str
    auth_requests: int
    approved: bool
    terminal: bytes
    log: bytes
    runs: int = 1

    @property
    def time(self):
        """No finer than a busy machine can tell twice in a row."""
        for limit, name in ((LONG, "at once"), (10, "some seconds"), (LOGIN_TIMEOUT - 5, "a minute")):
            if self.seconds < limit:
                return name
        return "the end"


def rows():
    """Every fault where it can occur. Not at all: a refused connection once one stands, a name that is looked up again
    within a login (libcurl remembers it for a minute)."""
    faults = {
        "dns": DNS_FAULTS,
        "connect": faultproxy.CONNECT_FAULTS,
        "tls": faultproxy.TLS_FAULTS,
        "preauth": [faultproxy.ONCE, *faultproxy.ANSWER_FAULTS],
        # The delay and the low rate are those of the answer there.
        **{stage: [faultproxy.ONCE, *faultproxy.ANSWER_FAULTS, *AGAIN] for stage in PREVIOUS},
    }
    return [Row(stage, fault, fail) for stage, names in faults.items() for fault in names for fail in FAIL_MODES]


# Faults of a new connection, made in the middle of a login because the one that stood was closed.
AGAIN = [f for f in (*faultproxy.CONNECT_FAULTS, *faultproxy.TLS_FAULTS) if f not in faultproxy.ANSWER_FAULTS]


class Bench:
    """The simulator, the name server, the certificates and the folder that all rows share."""

    def __init__(self, folder, simulator):
        self.folder = folder
        self.simulator = simulator
        self.certificates = Certificates(folder / "certificates", simulator.state)
        etc = [pathlib.Path("/etc", name) for name in ("hosts", "nsswitch.conf", "resolv.conf")]
        self.before = {path: path.read_bytes() for path in etc if path.exists()}
        etc[0].write_text(etc[0].read_text() + f"127.0.0.1 {HOST}\n")
        etc[1].write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")
        etc[2].write_text(f"nameserver {faultdns.ADDRESS}\n")
        self.names = faultdns.NameServer(dict(DNS_FAULTS.values()))

    def close(self):
        self.names.close()
        for path, content in self.before.items():
            path.write_bytes(content)

    def run(self, row, attempt=0):
        """One login, with a proxy and a daemon of its own."""
        folder = self.folder / f"{rows().index(row)}-{attempt}"
        folder.mkdir(mode=0o755)
        with contextlib.ExitStack() as parts:
            parts.callback(shutil.rmtree, folder)
            proxy = self._proxy(row)
            parts.callback(proxy.close)
            name = DNS_FAULTS[row.fault][0] if row.stage == "dns" else HOST
            daemon = RowDaemon(folder, self._configuration(row, f"{name}:{proxy.port}"))
            parts.callback(daemon.kill)
            daemon.wait_ready()
            if row.stage != "dns":
                # The daemon's own first call: from here on a warm connection stands.
                assert proxy.pinged.wait(duet.PATIENCE), daemon.log
            if row.stage in ("connect", "tls"):
                time.sleep(0.05)
                proxy.break_connections(row.fault)
            service = f"duet-fault-{folder.name}"
            duet.pam_service(service, options=f"socket={daemon.login_socket}")
            parts.callback(pathlib.Path("/etc/pam.d", service).unlink)
            pam, seconds, terminal = login(service, in_sshd=row.stage == "auth in sshd")
            decision = daemon.wait_decision()
            log = daemon.log_path.read_bytes()
            level = re.search(rb"(\w+): login decided", log)[1].decode()
            return Result(
                row, pam, seconds, seen(terminal), decision, level, proxy.count("/auth/v2/auth"), proxy.approved,
                terminal, log,
            )  # fmt: skip

    def _proxy(self, row):
        upstream = self.simulator.facts
        if row.stage in ("dns", "connect", "tls"):
            return faultproxy.FaultProxy(upstream, self.certificates)
        if row.is_of_connection:
            return faultproxy.FaultProxy(upstream, self.certificates, row.fault, after=PREVIOUS[row.stage])
        fault, times = (row.fault.removesuffix(", once"), 1) if row.fault == faultproxy.ONCE else (row.fault, None)
        return faultproxy.FaultProxy(upstream, self.certificates, fault, path=PATHS[row.stage], times=times)

    def _configuration(self, row, api_host):
        # One factor, asked for once: what another attempt would be like is no matter of this table.
        login_table = f'fail = "{row.fail}"\ntimeout = "{LOGIN_TIMEOUT}s"\nprompts = 1\nautopush = "off"'
        return duet.configuration(self.simulator, login_table, api_host=api_host)


class RowDaemon(duet.Daemon):
    """A daemon with sockets of its own."""

    def __init__(self, folder, configuration):
        self.login_socket = folder / "login.sock"
        self.control_socket = folder / "control.sock"
        sockets = ["--login-socket", self.login_socket, "--control-socket", self.control_socket]
        super().__init__(folder, configuration, *sockets)

    def wait_ready(self):
        duet.wait_for("duetd to listen", lambda: " ready" in self.log or not self.running)
        assert self.running, self.log
        return self

    def kill(self):
        canary.search_process(self)
        canary.search_file(self.log_path)
        self.child.kill()
        self.child.wait()
        self.log_file.close()


def login(service, in_sshd=False):
    """A person at a terminal, who chooses the push at once when there is a menu: PAM's return value, the seconds that
    it took, and all that the terminal got."""
    near, far = pty.openpty()
    # What tells the module that it is in sshd, which shows nothing before the end.
    environment = ["-ESSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22"] if in_sshd else []
    command = ["pamtester", *environment, service, USER, "authenticate"]
    child = subprocess.Popen(command, stdin=far, stdout=far, stderr=far, start_new_session=True)
    os.close(far)
    terminal = pexpect.fdpexpect.fdspawn(near, timeout=duet.PATIENCE)
    try:
        start = time.monotonic()
        said = b""
        if terminal.expect([MENU, pexpect.EOF]) == 0:
            said = terminal.before + terminal.after
            terminal.send(b"1\n")
            terminal.expect(pexpect.EOF, timeout=duet.PATIENCE + LOGIN_TIMEOUT)
        seconds = time.monotonic() - start
        said += terminal.before
        child.wait(timeout=duet.PATIENCE)
    finally:
        child.kill()
        child.wait()
        terminal.close()
    verdict = said.decode(errors="replace").strip().rsplit("pamtester: ", 1)[-1].strip()
    return PAM.get(verdict, verdict), seconds, said


def seen(terminal):
    """The lines that a person reads, without the menu and without pamtester's own."""
    text = re.sub(rb"(?s)^.*" + MENU + rb"1\r\n", b"", terminal).decode(errors="replace")
    return [line for line in text.replace("\r", "").split("\n") if line and not line.startswith("pamtester: ")]


def is_quick(row):
    """Whether nobody waits for anything in it."""
    return not any(word in row.fault for word in ("silence", "black hole", "2 s", "200 bytes", "drops", "429"))


def run_all(bench):
    """Rows that wait wait together; the others come a few at a time, so that what they take is their own."""
    everything = rows()
    with (
        concurrent.futures.ThreadPoolExecutor(64) as slow,
        concurrent.futures.ThreadPoolExecutor(3) as quick,
    ):
        futures = [(quick if is_quick(row) else slow).submit(bench.run, row) for row in everything]
        results = [future.result() for future in futures]
    return [steady(bench, result) for result in results]


def steady(bench, result):
    """On a busy machine a login takes longer than by itself: one that nothing keeps waiting is done again, alone."""
    for attempt in (1, 2):
        if not is_quick(result.row) or result.seconds < LONG:
            break
        again = bench.run(result.row, attempt)
        result.terminal += again.terminal
        result.log += again.log
        result.runs += 1
        assert again.pam == result.pam, f"{result.row} ends one way or another"
        result.seconds = min(result.seconds, again.seconds)
    return result


# ---- Markdown ----

HEAD = f"""# What happens when Duo fails

Made by `make faults` from real logins (pamtester, the module, the daemon, a proxy that breaks the way to the simulator);
`make test` compares. Do not edit.

- **fail**: `[login] fail` of the rule; *either* where both do the same.
- **after**: the whole login. *At once* is less than {LONG} s, *some seconds* is less than 10 s; where Duo cannot be reached the test holds
  5.5 s. *The end* is that of the login's time, `timeout`.
- **log**: level, reason and cause of the record `login decided`. *(…)* stands for words of the server.
- Only a Duo that cannot be reached (DNS, connect, timeout, 5xx) at or before preauth may follow `fail`; everything else refuses.
- The phone of the person approves every push at once. Up to preauth the fault is there before the login begins; later ones
  begin within the login. The faults of a connection come again from auth on, where the connection that stood was closed."""


def markdown(results):
    text = [HEAD]
    for stage, title in STAGES.items():
        text += [f"\n## {title[0].upper()}{title[1:]}\n", "| fault | fail | PAM returns | after | the person reads | log |"]
        text.append("| --- | --- | --- | --- | --- | --- |")
        of_stage = [r for r in results if r.row.stage == stage]
        for fault in dict.fromkeys(r.row.fault for r in of_stage):
            lines = {r.row.fail: _cells(r) for r in of_stage if r.row.fault == fault}
            if len({tuple(cells) for cells in lines.values()}) == 1:
                lines = {"either": lines["open"]}
            for fail, cells in lines.items():
                text.append(f"| {' | '.join([fault, fail, *cells])} |")
    return "\n".join(text) + "\n"


def _cells(result):
    said = re.sub(rf"{faultproxy.MARK}.*", "(…)", " / ".join(result.seen)) or "nothing"
    pam = f"**{result.pam}**" if result.pam == "PAM_SUCCESS" else result.pam
    cause = result.decision.get("cause", "")
    cause = re.sub(rf"\b(api-[a-z]+\.duo\.test)(:\d+)?", "HOST", cause)
    cause = re.sub(r"outbound TCP port \d+", "outbound TCP port 443", cause)
    cause = re.sub(rf"\(?{faultproxy.MARK}.*", "(…)", cause, flags=re.DOTALL)
    log = f"{result.level}: {result.decision['reason']}" + (f", {cause}" if cause else "")
    return [pam, result.time, said.replace("|", "\\|"), log.replace("|", "\\|")]
