"""demo_recording.py FILE   plays the demo at a human pace in tmux, the phone beside it, and records it as an animated SVG."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import demo
import duet
import pexpect

COLUMNS, ROWS = 96, 17
PHONE = 44  # columns
RULE = """autopush = "auto"
[[rule]]
name = "one push for ssh and the sudos under it"
when = { service = ["sshd", "sudo*"] }
action = "require"
remember = { scope = "login", allow = "8h" }
"""
SSH_CONFIG = """Host server
  HostName 127.0.0.1
  Port {port}
  User alice
  IdentityFile {key}
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
"""


class Screen:
    """A tmux with a shell and a phone, and the recorder that looks at it."""

    def __init__(self, folder, world, cast):
        self.tmux = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        config = folder / "ssh_config"
        config.write_text(SSH_CONFIG.format(port=world.sshd.PORT, key=world.sshd.key))
        shell = folder / "bashrc"
        shell.write_text(f"PS1='laptop$ '\nssh() {{ command ssh -F {config} \"$@\"; }}\nbind 'set enable-bracketed-paste off'\n")
        os.environ.pop("TMUX", None)
        os.environ["TERM"] = "xterm-256color"
        self.run("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-s", "demo", f"bash --rcfile {shell} -i")
        for option in ("status off", "pane-border-style fg=colour240", "pane-active-border-style fg=colour240"):
            self.run("set-option", "-g", *option.split(" ", 1))
        phone = f"{duet.BIN}/duo-simulator phone --state {world.simulator.state}"
        self.run("split-window", "-h", "-d", "-l", str(PHONE), "-t", "demo", phone)
        self.laptop, self.phone = "demo:0.0", "demo:0.1"
        self.wait("laptop$", self.laptop)
        self.recorder = pexpect.spawn(
            "termtosvg",
            ["record", str(cast), "-g", f"{COLUMNS}x{ROWS}", "-c", " ".join([*self.tmux, "attach", "-t", "demo"])],
            dimensions=(ROWS, COLUMNS), timeout=duet.PATIENCE,
        )
        self.recorder.expect("laptop")

    def run(self, *arguments):
        return subprocess.run([*self.tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def wait(self, text, pane):
        try:
            duet.wait_for(text, lambda: text in self.shown(pane))
        except duet.TimedOut as error:
            raise duet.TimedOut(f"{error}; shown is:\n{self.shown(pane)}") from None

    def shown(self, pane):
        return self.run("capture-pane", "-p", "-J", "-t", pane)

    def type(self, text):
        for character in text:
            self.run("send-keys", "-t", self.laptop, "-l", character)
            self.pause(0.06)
        self.pause(0.4)
        self.run("send-keys", "-t", self.laptop, "Enter")

    def pause(self, seconds):
        """Time for who watches; what is recorded must be drained meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.recorder.read_nonblocking(65536, timeout=0.02)
            except pexpect.TIMEOUT:
                pass

    def end(self):
        self.run("kill-server")
        self.recorder.expect(pexpect.EOF)
        self.recorder.close()


def play(screen, world):
    screen.pause(1)
    screen.type("ssh server")
    screen.wait("or type a passcode", screen.laptop)
    duet.wait_for("the push to arrive", world.simulator.waiting)
    screen.pause(2.5)
    screen.run("send-keys", "-t", screen.phone, "a")
    screen.pause(1.2)
    screen.run("send-keys", "-t", screen.laptop, "Enter")
    screen.wait("alice$", screen.laptop)
    screen.pause(1.5)
    screen.type("sudo id -un")
    screen.wait("root", screen.laptop)
    screen.pause(1.5)
    screen.type("# nobody was asked again")
    screen.pause(3)


def main(svg):
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-demo-"))
    folder.chmod(0o755)
    duet.RUN.mkdir(mode=0o755)
    demo.people()
    duet.SSHServer.SERVICE = "sshd"  # what is remembered for a connection begins in a service of this name
    duet.pam_service(duet.SSHServer.SERVICE)
    world = demo.World(folder, RULE)
    cast = folder / "demo.cast"
    try:
        screen = Screen(folder, world, cast)
        try:
            play(screen, world)
        except duet.TimedOut:
            print(world.daemon.log)
            raise
        finally:
            screen.end()
    finally:
        world.stop()
    subprocess.run(["termtosvg", "render", str(cast), str(svg), "-D", "3000", "-t", "window_frame"], check=True)
    print(f"{svg}: {svg.stat().st_size} bytes")


main(pathlib.Path(sys.argv[1]).resolve())
