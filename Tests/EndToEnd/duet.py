"""The parts of an end-to-end test: a Duo cloud, a daemon, an sshd, and people who log in. All of them are real."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import pexpect

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("DUET_BIN", ROOT / ".build/debug"))
MODULE = pathlib.Path(os.environ.get("DUET_MODULE", ROOT / "pam/build/pam_duet.so"))
RUN = pathlib.Path("/run/duet")
LOGIN_SOCKET = RUN / "login.sock"
CONTROL_SOCKET = RUN / "control.sock"
INTEGRATION_KEY = "DIXXXXXXXXXXXXXXXXXX"
PATIENCE = 20  # seconds that any single wait may take


class TimedOut(AssertionError):
    """Something that had to happen did not."""


def wait_for(what, condition, within=PATIENCE):
    """The first true value of `condition`, looked at every 10 ms; `what` names it when it never comes."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise TimedOut(f"waited {within} s for {what}")


class Process:
    """A program that runs until `stop`, its standard error in a file."""

    def __init__(self, folder, name, arguments, **options):
        self.log_path = folder / f"{name}.log"
        self.log_file = open(self.log_path, "ab")
        self.child = subprocess.Popen(
            [str(a) for a in arguments], stdin=subprocess.DEVNULL, stderr=self.log_file, **options
        )

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    @property
    def running(self):
        return self.child.poll() is None

    def stop(self, with_signal=signal.SIGTERM, within=PATIENCE):
        """Ends the program; its exit code."""
        if self.running:
            self.child.send_signal(with_signal)
        try:
            return self.child.wait(timeout=within)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise TimedOut(f"{self.child.args[0]} did not end within {within} s\n{self.log[-2000:]}")
        finally:
            self.log_file.close()


class Simulator(Process):
    """A local Duo cloud; `ask` is its control socket."""

    def __init__(self, folder, *options):
        self.state = folder / "simulator"
        super().__init__(
            folder, "duo-simulator", [BIN / "duo-simulator", "serve", "--state", self.state, *options],
            stdout=subprocess.PIPE,
        )
        line = self.child.stdout.readline()
        if not line:
            raise AssertionError("duo-simulator did not start: " + self.log)
        self.facts = json.loads(line)
        self.api_host = self.facts["api_host"]

    def ask(self, do, **arguments):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(PATIENCE)
            control.connect(self.facts["control"])
            control.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
            answer = json.loads(control.makefile().readline())
        if isinstance(answer, dict) and "error" in answer:
            raise AssertionError(f"duo-simulator: {answer['error']}")
        return answer

    def answer(self, answer):
        """Answers the push or call that is waiting, or that will be within a few seconds."""
        return self.ask("answer", txid="next", answer=answer, wait_ms=PATIENCE * 1000)

    def transactions(self):
        return self.ask("transactions")["transactions"]

    def waiting(self):
        """The transaction that the daemon is being kept waiting for."""
        return next((t for t in self.transactions() if t["waiting"]), None)

    def requests(self, path=None):
        requests = self.ask("requests")["requests"]
        return [r for r in requests if path is None or r["path"] == path]


class Daemon(Process):
    """duetd, with a configuration that tests may spoil."""

    OPTIONS = ()  # for every daemon
    control_socket = CONTROL_SOCKET

    def __init__(self, folder, configuration, *options, program=BIN / "duetd", prefix=(), **popen):
        self.configuration = folder / "duet.toml"
        self.configuration.write_text(configuration)
        self.configuration.chmod(0o600)
        arguments = [
            *prefix, program, "--configuration", self.configuration, "--login-socket", LOGIN_SOCKET,
            "--control-socket", CONTROL_SOCKET, "--state", folder / "state", *self.OPTIONS, *options,
        ]
        super().__init__(folder, "duetd", arguments, **popen)

    def wait_ready(self):
        wait_for(
            "duetd to listen",
            lambda: (LOGIN_SOCKET.exists() and CONTROL_SOCKET.exists() and " ready" in self.log) or not self.running,
        )
        assert self.running, self.log
        return self

    def decisions(self):
        """The audit records so far, each as a dictionary."""
        return [
            {key: value.strip('"') for key, value in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line)}
            for line in self.log.splitlines()
            if "login decided" in line
        ]

    def wait_decision(self, count=1, within=PATIENCE):
        wait_for(f"{count} decisions", lambda: len(self.decisions()) >= count, within)
        return self.decisions()[count - 1]


def configuration(simulator, login="", **duo):
    """A duet.toml for `simulator`, changed by `duo`, with `login` as the text of [login]."""
    settings = {
        "integration_key": simulator.facts["integration_key"],
        "secret_key": simulator.facts["secret_key"],
        "api_host": simulator.api_host,
        "ca_file": simulator.facts["ca_file"],
    } | duo
    lines = [f'{key} = "{value}"' for key, value in settings.items()]
    return "[duo]\n" + "\n".join(lines) + (f"\n[login]\n{login}\n" if login else "\n")


def pam_service(name, options="", before="", module=MODULE, control="required"):
    """A PAM service whose auth is Duet, with `before` in front."""
    text = f"{before}auth {control} {module} {options}\naccount required pam_permit.so\nsession required pam_permit.so\n"
    pathlib.Path("/etc/pam.d", name).write_text(text)


class SSHServer(Process):
    """A private sshd under its own PAM service name (the base name of what it was started as)."""

    PORT = 2222
    SERVICE = "sshd-duet"

    def __init__(self, folder, methods="keyboard-interactive", **settings):
        folder = folder / "ssh"
        folder.mkdir(exist_ok=True)
        for key in ("hostkey", "userkey"):
            if not (folder / key).exists():
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        shutil.copy(folder / "userkey.pub", folder / "authorized_keys")
        self.key = folder / "userkey"
        config = {
            "Port": self.PORT, "ListenAddress": "127.0.0.1", "HostKey": folder / "hostkey",
            "PidFile": folder / "pid", "UsePAM": "yes", "KbdInteractiveAuthentication": "yes",
            "PasswordAuthentication": "no", "PubkeyAuthentication": "yes", "AuthenticationMethods": methods,
            "AuthorizedKeysFile": folder / "authorized_keys", "StrictModes": "no", "PrintMotd": "no",
            "UseDNS": "no", "LogLevel": "DEBUG1", "LoginGraceTime": 120, "PermitRootLogin": "yes",
        } | settings
        (folder / "config").write_text("".join(f"{key} {value}\n" for key, value in config.items()))
        program = folder / self.SERVICE
        if not program.exists():
            program.symlink_to("/usr/sbin/sshd")
        before = len((folder.parent / "sshd.log").read_text()) if (folder.parent / "sshd.log").exists() else 0
        super().__init__(folder.parent, "sshd", [program, "-D", "-e", "-f", folder / "config"])
        wait_for("sshd to listen", lambda: "Server listening" in self.log[before:] or not self.running)
        assert self.running, self.log

    def login(self, user, *options, methods="publickey,keyboard-interactive"):
        """A person's ssh client on a terminal.

        `methods` keeps the client from its own password prompt: after PAM_MAXTRIES sshd offers no method at all, and
        an OpenSSH client then tries its own preferred ones, to no avail.
        """
        arguments = [
            "-tt", "-p", str(self.PORT), "-i", str(self.key), "-o", "IdentitiesOnly=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=INFO",
            "-o", f"PreferredAuthentications={methods}", *options, f"{user}@127.0.0.1",
        ]
        return pexpect.spawn("/usr/bin/ssh", arguments, encoding="utf-8", timeout=PATIENCE)


def sudo(user, *arguments):
    """`user` at a terminal runs sudo."""
    return pexpect.spawn(
        "/usr/bin/setpriv",
        [f"--reuid={user}", f"--regid={user}", "--init-groups", "--", "/usr/bin/env", "-i", "TERM=dumb",
         "PATH=/usr/bin:/bin", "/usr/bin/sudo", *arguments],
        encoding="utf-8", timeout=PATIENCE,
    )  # fmt: skip


def approved_too_late(world):
    """The login has gone, its push has not: an approval ends what waits for it, and lets nobody in."""
    before = world.daemon.decisions()
    world.simulator.answer("approve")
    wait_for("the request to end", lambda: not world.simulator.waiting())
    assert world.daemon.decisions() == before


def finish(child):
    """What a client still says until it ends; its exit status (or minus the signal)."""
    child.expect(pexpect.EOF)
    child.close()
    status = child.exitstatus if child.exitstatus is not None else -child.signalstatus
    return child.before, status
