"""A Debian that boots: systemd-nspawn on a folder, in the network namespace of the test, so that loopback is shared."""

import os
import pathlib
import shlex
import subprocess
import sys

import pexpect

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
import duet  # noqa: E402

# What systemd-nspawn exits with when the machine asks to be booted again and may not do so by itself (--keep-unit).
REBOOTED = 133


class Machine:
    def __init__(self, root, folder):
        self.root = pathlib.Path(root)
        self.console = folder / "console.log"
        self.nspawn = None
        self.leader = None

    def boot(self):
        """Returns when everything that starts at boot has started."""
        # Without the variable a machine with login sessions hangs at its end where the host has the older cgroups.
        environment = os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with open(self.console, "ab") as console:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--machine=duet-booted", "--boot",
                 "--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=off"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment,
            )  # fmt: skip
        duet.wait_for("the machine to have processes", self._find_leader)
        duet.wait_for("systemd to answer", lambda: self.run("systemctl is-system-running", check=False).stdout.strip()
                      in ("running", "degraded"), within=60)  # fmt: skip
        failed = self.run("systemctl --failed --plain --no-legend").stdout
        assert failed == "", failed

    def _find_leader(self):
        assert self.nspawn.poll() is None, self.console.read_text(errors="replace")[-3000:]
        pid = self.nspawn.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in children:
            # The leader is the one that has become init, in namespaces of its own.
            if os.readlink(f"/proc/{child}/ns/pid") != os.readlink("/proc/self/ns/pid"):
                if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    self.leader = child
        return self.leader

    def enter(self, command):
        """The arguments that run `command`, a line for the shell, as root in the machine."""
        return ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--pid", "--cgroup", f"--root=/proc/{self.leader}/root",
                "--wdns=/", "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TERM=dumb",
                "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER=cat", "/bin/sh", "-c", command]  # fmt: skip

    def run(self, command, check=True, text=None, within=90):
        result = subprocess.run(
            self.enter(command), input=text, stdin=None if text is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=within, check=False,
        )  # fmt: skip
        assert not check or result.returncode == 0, f"{command}: status {result.returncode}\n{result.stdout}"
        return result

    def ask(self, command):
        return self.run(command).stdout.strip()

    def show(self, unit, name):
        return self.ask(f"systemctl show --property={name} --value {unit}")

    def write(self, path, text, mode=0o644):
        self.run(f"umask 077; cat >{path} && chmod {mode:o} {path}", text=text)

    def login(self, user="preauth-allow", service="duet-only", within=60):
        """A login that needs no answer: pamtester's exit status and output."""
        result = self.run(f"pamtester {service} {shlex.quote(user)} authenticate </dev/null", check=False, within=within)
        return result.returncode, result.stdout

    def ssh(self, user):
        child = pexpect.spawn(
            "/usr/bin/ssh",
            ["-tt", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "LogLevel=INFO", "-o", "PreferredAuthentications=keyboard-interactive", f"{user}@127.0.0.1"],
            encoding="utf-8", timeout=duet.PATIENCE,
        )  # fmt: skip
        # sudo throws away what was typed before its prompt, and shows the prompt a little earlier: people are slower.
        child.delaybeforesend = 0.3
        return child

    def reboot(self):
        self.run("systemctl reboot", check=False)
        assert self.nspawn.wait(timeout=60) == REBOOTED, self.console.read_text(errors="replace")[-3000:]
        self.leader = None
        self.boot()

    def stop(self):
        if self.nspawn is None or self.nspawn.poll() is not None:
            return
        try:
            self.run("systemctl poweroff", check=False, within=20)
            self.nspawn.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()
