"""Programs that ask PAM, each run as people run it, and the stacks that this project tells people to write."""

import dataclasses
import functools
import pathlib
import re
import subprocess
from collections.abc import Callable

import pexpect
from pexpect.popen_spawn import PopenSpawn

import duet

PASSWORD = "first-factor"
MENU = r"Passcode or option \(1-\d\): "
FIRST = r"[Pp]assword(?: for \w+)?: "
# What only a program that was let in prints; the command itself, when it is echoed, does not match IN.
COMMAND = "echo let-in-as-$(id -un)"
IN = r"let-in-as-([a-z]+)"
# How it ends for somebody who is not let in: the program ends, or begins again.
OUT = [pexpect.EOF, r"login: $", FIRST]

CLOSING = "account required pam_permit.so\nsession required pam_permit.so\n"
DUET = "auth required pam_duet.so\n"
PASSWORD_THEN_DUET = "auth requisite pam_unix.so\n" + DUET


def write_stack(service, text):
    """The PAM service, with the module that was built here, and no wait of two seconds after a wrong password."""
    if not re.search(r"^account", text, re.M):
        text += CLOSING
    text = text.replace("pam_duet.so", str(duet.MODULE)).replace("pam_unix.so", "pam_unix.so nodelay")
    pathlib.Path("/etc/pam.d", service).write_text(text)


def as_user(user, *command):
    """The arguments that run `command` as `user` with nothing of root's environment."""
    return ["/usr/bin/setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--",
            "/usr/bin/env", "-i", "TERM=dumb", "PATH=/usr/bin:/bin", *command]  # fmt: skip


def on_terminal(*command):
    child = pexpect.spawn(command[0], list(command[1:]), encoding="utf-8", timeout=duet.PATIENCE)
    # sudo and login throw away what was typed before their prompt, and show the prompt a little earlier.
    child.delaybeforesend = 0.2
    return child


def ssh(methods):
    def start(world):
        if world.sshd is None:
            world.start_sshd(methods=methods)
        return world.sshd.login("alice", "-o", f"RemoteCommand={COMMAND}", "-o", "NumberOfPasswordPrompts=1")

    return start


def login(world):
    child = on_terminal("/bin/login", "alice")
    child.command_after = COMMAND
    return child


@dataclasses.dataclass
class Host:
    """A program and its PAM service; `start` runs it for alice, who becomes `becomes` when she is let in."""

    name: str
    service: str
    start: Callable
    becomes: str = "alice"
    password: bool = True

    def __str__(self):
        return self.name


SSH = Host("sshd with keyboard-interactive", "sshd-duet", ssh("keyboard-interactive"))
SSH_KEY = Host(
    "sshd with publickey and keyboard-interactive", "sshd-duet", ssh("publickey,keyboard-interactive"), password=False
)
SUDO = Host(
    "sudo", "sudo-duet", lambda world: on_terminal(*as_user("alice", "sudo", "/bin/sh", "-c", COMMAND)), becomes="root"
)
# No terminal at all: everything goes through pipes.
SUDO_S = Host(
    "sudo -S", "sudo-duet", becomes="root",
    start=lambda world: PopenSpawn(
        ["setsid", "--wait", *as_user("alice", "sudo", "-S", "/bin/sh", "-c", COMMAND)],
        encoding="utf-8", timeout=duet.PATIENCE,
    ),
)  # fmt: skip
SU = Host("su as a user", "su", lambda world: on_terminal(*as_user("bystander", "su", "alice", "-c", COMMAND)))
SU_ROOT = Host("su as root", "su", lambda world: on_terminal("/usr/bin/su", "alice", "-c", COMMAND))
LOGIN = Host("login", "login", login)
ALL = [SSH, SSH_KEY, SUDO, SUDO_S, SU, SU_ROOT, LOGIN]


class Attempt:
    """One login of alice's at a host."""

    def __init__(self, host, world, stack=None):
        write_stack(host.service, stack or (PASSWORD_THEN_DUET if host.password else DUET))
        self.host = host
        self.world = world
        self.child = host.start(world)

    def password(self, password=PASSWORD):
        if self.host.password:
            self.child.expect(FIRST)
            self.child.sendline(password)
        return self

    def menu(self, answer):
        self.child.expect(MENU)
        self.child.sendline(answer)
        return self

    def push(self, answer):
        """Asks for a push, which the phone answers."""
        self.menu("1")
        self.world.simulator.answer(answer)
        return self

    def is_let_in(self):
        if hasattr(self.child, "command_after"):
            self.child.expect(r"\$ ")
            self.child.sendline(self.child.command_after + "; exit")
        self.child.expect(IN)
        who = self.child.match[1]
        self.child.expect(pexpect.EOF)
        assert who == self.host.becomes
        self.close()

    def is_refused(self):
        """The host ends or begins again, and nothing was run; what it said."""
        found = self.child.expect([IN, *OUT])
        text = self.child.before
        assert found != 0, f"{self.host} let in as {self.child.match[1]}"
        status = self.close()
        assert status != 0 or found > 1, text
        return text

    def close(self):
        if isinstance(self.child, PopenSpawn):
            self.child.sendeof()
            return self.child.wait()
        self.child.close(force=True)
        return self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus


@dataclasses.dataclass
class Documented:
    """A stack that a file of this project tells people to write."""

    place: str
    text: str

    def __str__(self):
        return self.place

    @property
    def host(self):
        """Where it is for: with a password in front sudo, without one sshd after a key."""
        asking = re.sub(r"^auth.*\bprefetch\n", "", self.text, flags=re.M)
        return SUDO if "pam_unix.so" in re.search(r"^auth.*?pam_duet", asking, re.M | re.S)[0] else SSH_KEY


def documented():
    """Every block in a text of this project that has an auth line of pam_duet.so."""
    found = []
    texts = [duet.ROOT / "README.md", *sorted(duet.ROOT.glob("pam/*.scd")), *sorted(duet.ROOT.glob("docs/**/*.md")),
             *sorted(duet.ROOT.glob("docs/**/*.scd"))]  # fmt: skip
    for path in texts:
        for number, block in enumerate(re.findall(r"^```\w*\n(.*?)^```$", path.read_text(), re.M | re.S), 1):
            if re.search(r"^auth\s.*pam_duet\.so", block, re.M):
                found.append(Documented(f"{path.relative_to(duet.ROOT)}, block {number}", block))
    return found


PROFILES = sorted((duet.ROOT / "etc/pam-configs").glob("*"))


@functools.cache
def installed_profile(profile):
    """/etc/pam.d/common-auth and the others as pam-auth-update writes them with this profile switched on."""
    configs = pathlib.Path("/usr/share/pam-configs")
    for folder in (configs, pathlib.Path("/var/lib/pam")):
        copy = pathlib.Path("/run/sandbox", folder.name)
        if not copy.exists():
            subprocess.run(["cp", "-a", folder, copy], check=True)
            subprocess.run(["mount", "--bind", copy, folder], check=True)
    (configs / profile.name).write_text(profile.read_text())
    subprocess.run(
        ["pam-auth-update", "--package", "--enable", profile.name], check=True, stdin=subprocess.DEVNULL,
        env={"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, timeout=60,
    )  # fmt: skip
    common = {path: path.read_text() for path in pathlib.Path("/etc/pam.d").glob("common-*")}
    for path, text in common.items():
        path.write_text(text.replace("pam_duet.so", str(duet.MODULE)).replace("pam_unix.so", "pam_unix.so nodelay"))
    return "@include common-auth\n@include common-account\n" + "session required pam_permit.so\n"
