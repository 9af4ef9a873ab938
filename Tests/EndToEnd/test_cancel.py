"""Who goes away while a push is waited for: the daemon is told at once, the poll ends, and nobody is let in."""

import pathlib
import signal
import socket
import subprocess
import time

import pexpect
import pytest

import duet
from test_ssh import MENU, at_menu

SOON = 1  # seconds in which the daemon must know


def pushing(child, world):
    """The person has asked for a push, and it waits for its answer."""
    child.expect(MENU)
    child.sendline("1")
    duet.wait_for("the push", world.simulator.waiting)
    return child


def abandoned(world, since):
    """The daemon has given the login up, and what the phone says does not let it in."""
    decision = world.daemon.wait_decision(within=SOON)
    took = time.monotonic() - since
    assert decision["reason"] == "abandoned", decision
    assert took < SOON
    duet.approved_too_late(world)
    return decision


def child_of(pid):
    """The pid of the one child of `pid`, or `pid` when there is none."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


@pytest.mark.parametrize("key", ["\x03", "\x1c"], ids=["ctrl-c", "ctrl-backslash"])
def test_a_key_that_sudo_blocks_ends_it(world, key):
    world.start_daemon()
    child = pushing(duet.sudo("alice", "id", "-un"), world)
    pressed = time.monotonic()
    child.send(key)
    abandoned(world, pressed)
    text, _ = duet.finish(child)
    assert "root" not in text
    # It is not asked again: one login, one push.
    assert len(world.daemon.decisions()) == 1 and len(world.simulator.transactions()) == 1


def test_what_is_typed_during_a_push_ends_nothing(world):
    world.start_daemon()
    child = pushing(duet.sudo("alice", "id", "-un"), world)
    child.send("hurry up\r")
    world.simulator.answer("approve")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text


def test_a_terminal_that_hangs_up_ends_sudo(world):
    world.start_daemon()
    child = pushing(duet.sudo("alice", "id", "-un"), world)
    closed = time.monotonic()
    child.ptyproc.fileobj.close()
    abandoned(world, closed)
    duet.wait_for("sudo to end", lambda: not child.ptyproc.isalive())


def test_a_terminal_that_hangs_up_ends_a_sudo_that_is_not_told(world):
    """Under nohup there is no SIGHUP: the terminal itself is watched."""
    world.start_daemon()
    child = pexpect.spawn(
        "/usr/bin/setpriv",
        ["--reuid=alice", "--regid=alice", "--init-groups", "--", "/usr/bin/env", "-i", "PATH=/usr/bin:/bin",
         "/bin/sh", "-c", "trap '' HUP; /usr/bin/sudo id -un"],
        encoding="utf-8", timeout=duet.PATIENCE,
    )  # fmt: skip
    pushing(child, world)
    closed = time.monotonic()
    child.ptyproc.fileobj.close()
    abandoned(world, closed)
    duet.wait_for("sudo to end", lambda: not child.ptyproc.isalive())


def test_ctrl_c_ends_su(world):
    world.start_daemon()
    duet.pam_service("su")
    child = pexpect.spawn(
        "/usr/bin/setpriv",
        ["--reuid=enroll", "--regid=enroll", "--init-groups", "--", "/usr/bin/su", "alice", "-c", "id -un"],
        encoding="utf-8", timeout=duet.PATIENCE,
    )  # fmt: skip
    pushing(child, world)
    pressed = time.monotonic()
    child.sendintr()
    abandoned(world, pressed)
    text, status = duet.finish(child)
    assert status != 0 and "alice" not in text


def ssh(address, port):
    """An ssh client to `address`."""
    arguments = [
        "-tt", "-p", str(port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
        "-o", "PreferredAuthentications=keyboard-interactive", f"alice@{address}",
    ]
    return pexpect.spawn("/usr/bin/ssh", arguments, encoding="utf-8", timeout=duet.PATIENCE)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_an_ssh_client_that_goes_is_noticed(world, address, how):
    world.start_daemon()
    world.start_sshd(ListenAddress=address)
    child = pushing(ssh(address, world.sshd.PORT), world)
    gone = time.monotonic()
    if how == "killed":
        child.kill(signal.SIGKILL)
    else:
        child.sendintr()
    assert abandoned(world, gone)["rhost"] == address
    child.close(force=True)
    # Nothing is left behind that would go on with the login.
    duet.wait_for("sshd to give the connection up", lambda: child_of(world.sshd.child.pid) == world.sshd.child.pid)


def test_an_ipv4_client_of_an_ipv6_socket_that_goes_is_noticed(world):
    """sshd as systemd's ssh.socket starts it: its client is at standard input, by a v4-mapped address."""
    world.start_daemon()
    world.start_sshd()
    with socket.create_server(("::", 2223), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        child = ssh("127.0.0.1", 2223)
        listener.settimeout(duet.PATIENCE)
        connection, _ = listener.accept()
    with connection, open(world.folder / "sshd-inetd.log", "wb") as log:
        folder = world.folder / "ssh"
        server = subprocess.Popen(
            [folder / world.sshd.SERVICE, "-i", "-e", "-f", folder / "config"], stdin=connection, stdout=connection,
            stderr=log,
        )  # fmt: skip
    pushing(child, world)
    gone = time.monotonic()
    child.kill(signal.SIGKILL)
    assert abandoned(world, gone)["rhost"] == "127.0.0.1"
    server.wait(timeout=duet.PATIENCE)
    child.close(force=True)


def test_a_login_that_sshd_gives_up_is_abandoned(world):
    world.start_daemon()
    world.start_sshd(LoginGraceTime=3)
    child = pushing(world.sshd.login("alice"), world)
    assert world.daemon.wait_decision(within=6)["reason"] == "abandoned"
    duet.approved_too_late(world)
    child.close(force=True)


def test_a_sudo_in_an_ssh_session_whose_client_goes_is_abandoned(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("100001")
    child.expect(r"\$ ")
    assert cloud.daemon.wait_decision()["result"] == "allow"
    child.sendline("sudo id -un")
    pushing(child, cloud)
    gone = time.monotonic()
    child.kill(signal.SIGKILL)
    assert cloud.daemon.wait_decision(2, within=SOON)["reason"] == "abandoned"
    assert time.monotonic() - gone < SOON
    duet.approved_too_late(cloud)
    child.close(force=True)
