"""The main job, for real and in front of you: run by `make demo` inside Tests/EndToEnd/sandbox."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from urllib.parse import unquote

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/EndToEnd"))
import duet  # noqa: E402

PASSCODE = "100001"
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")


def say(text):
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


class Shown:
    """Writes what a terminal shows, line by line, with a margin."""

    def __init__(self):
        self.at_start = True

    def write(self, text):
        for character in text.replace("\r", ""):
            if self.at_start:
                sys.stdout.write("   | ")
                self.at_start = False
            sys.stdout.write(character)
            self.at_start = character == "\n"

    def flush(self):
        sys.stdout.flush()


def show(child):
    child.logfile_read = Shown()
    return child


def end(child):
    child.close()


def people():
    subprocess.run(["useradd", "-m", "-s", "/bin/bash", "alice"], check=True)
    subprocess.run(["usermod", "--password", "*", "alice"], check=True)
    home = pathlib.Path("/run/home/alice")
    (home / ".hushlogin").touch()
    (home / ".inputrc").write_text("set enable-bracketed-paste off\n")
    (home / ".bash_profile").write_text("PS1='alice$ '\n")
    sudoers = pathlib.Path("/etc/sudoers.d/duet")
    sudoers.write_text(
        "Defaults pam_service=sudo-duet, pam_login_service=sudo-duet, timestamp_timeout=0\n"
        "alice ALL=(ALL:ALL) ALL\n"
    )
    sudoers.chmod(0o440)
    duet.pam_service("sshd-duet")
    duet.pam_service("sudo-duet")


def ssh_with_push(world):
    say("alice logs in by ssh with her key; Duo asks for the second factor, and she presses approve on her phone")
    print("   $ ssh alice@127.0.0.1")
    child = show(world.sshd.login("alice"))
    child.expect("Passcode or option")
    child.expect(": ")
    time.sleep(0.3)
    child.sendline("1")
    child.expect("1\r\n")
    push = duet.wait_for("the push to arrive", world.simulator.waiting)
    details = ", ".join(unquote(part) for part in push["pushinfo"].split("&"))
    print(f"\n   [phone] Duo Push on {push['device_name']}: {details}\n   [phone] approve\n", flush=True)
    world.simulator.answer("approve")
    child.expect(r"alice\$ ")
    return child


def sudo_with_passcode(child):
    say("In that shell she runs sudo and types a passcode from her app")
    child.logfile_read.at_start = True
    child.logfile_read.write("alice$ ")
    child.sendline("sudo id")
    child.expect("Passcode or option")
    child.expect(": ")
    time.sleep(0.3)
    child.sendline(PASSCODE)
    child.expect("uid=0")
    child.expect(r"alice\$ ")
    child.sendline("exit")
    child.expect(duet.pexpect.EOF)
    end(child)


def interactive(world):
    phone = f"{duet.BIN}/duo-simulator phone --state {world.simulator.state}"
    ssh = (
        f"ssh -p {world.sshd.PORT} -i {world.sshd.key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no "
        "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR alice@127.0.0.1; echo; echo 'Press Enter to end the demo.'; read"
    )
    os.environ.pop("TMUX", None)
    tmux = ["tmux", "-S", str(duet.RUN / "tmux"), "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "-s", "demo", ssh], check=True)
    subprocess.run([*tmux, "split-window", "-h", "-d", "-t", "demo", phone], check=True)
    subprocess.run([*tmux, "set-option", "-g", "mouse", "on"], check=True)
    subprocess.run([*tmux, "set-option", "-g", "status-right-length", "80"], check=True)
    subprocess.run([*tmux, "set-option", "-g", "status-right", "Ctrl-b o or a click: the other pane"], check=True)
    subprocess.run([*tmux, "attach", "-t", "demo"], check=False)
    subprocess.run([*tmux, "kill-server"], check=False, stderr=subprocess.DEVNULL)


class World:
    def __init__(self, folder, login=""):
        self.simulator = duet.Simulator(folder)
        self.daemon = duet.Daemon(folder, duet.configuration(self.simulator, login)).wait_ready()
        self.sshd = duet.SSHServer(folder, methods="publickey,keyboard-interactive", PrintLastLog="no")

    def stop(self):
        for process in (self.sshd, self.daemon, self.simulator):
            if process.running:
                process.stop()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-demo-"))
    folder.chmod(0o755)
    duet.RUN.mkdir(mode=0o755)
    people()
    say("A local Duo cloud, the daemon and a private sshd are started")
    world = World(folder)
    print(f"   duo-simulator  https://{world.simulator.api_host}\n   duetd          {duet.LOGIN_SOCKET}")
    print(f"   sshd           127.0.0.1:{world.sshd.PORT}, PAM service {world.sshd.SERVICE}")
    try:
        if os.environ.get("DEMO_INTERACTIVE") == "1":
            interactive(world)
        else:
            sudo_with_passcode(ssh_with_push(world))
        say("What the daemon logged")
        print("".join(f"   {line}\n" for line in world.daemon.log.splitlines()), end="")
        say("duet status")
        status = subprocess.run([duet.BIN / "duet", "status"], capture_output=True, text=True, check=False)
        print("".join(f"   {line}\n" for line in (status.stdout + status.stderr).splitlines()), end="")
    finally:
        world.stop()
    say("Everything is stopped and removed; /etc of this machine was never touched")


if __name__ == "__main__":
    main()
