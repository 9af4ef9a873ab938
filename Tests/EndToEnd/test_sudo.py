"""A real sudo, and pamtester over pam_wrapper."""

import os
import signal
import subprocess
import time
import urllib.parse

import duet
from test_ssh import MENU


def test_a_push_lets_sudo_run(world):
    world.start_daemon()
    child = duet.sudo("alice", "id", "-un")
    child.expect(MENU)
    child.sendline("1")
    world.simulator.answer("approve")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text
    decision = world.daemon.wait_decision()
    assert decision["service"] == "sudo-duet" and decision["user"] == "alice" and decision["tty"].startswith("/dev/pts/")
    assert decision["caller"] == str(uid("alice"))


def uid(user):
    return int(subprocess.run(["id", "-u", user], capture_output=True, text=True, check=True).stdout)


def test_a_passcode_lets_sudo_run(world):
    world.start_daemon()
    child = duet.sudo("alice", "id", "-un")
    child.expect(MENU)
    child.sendline("100001")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text


def test_a_denied_push_ends_sudo_at_once_with_one_push(world):
    world.start_daemon()
    child = duet.sudo("alice", "id", "-un")
    child.expect(MENU)
    child.sendline("1")
    world.simulator.answer("deny")
    text, status = duet.finish(child)
    assert status == 1 and "root" not in text
    assert len(world.simulator.transactions()) == 1
    assert len(world.daemon.decisions()) == 1


def test_ctrl_c_during_a_push_ends_sudo_and_a_late_approval_changes_nothing(world):
    world.start_daemon()
    child = duet.sudo("alice", "id", "-un")
    child.expect(MENU)
    child.sendline("1")
    duet.wait_for("the push", world.simulator.waiting)
    child.sendintr()
    pressed = time.monotonic()
    text, _ = duet.finish(child)
    assert time.monotonic() - pressed < 2 and "root" not in text
    assert world.daemon.wait_decision(within=1)["reason"] == "abandoned"
    duet.approved_too_late(world)


def test_ctrl_c_at_the_prompt_ends_sudo(world):
    world.start_daemon()
    child = duet.sudo("alice", "id", "-un")
    child.expect(MENU)
    child.sendintr()
    text, status = duet.finish(child)
    assert status != 0 and "root" not in text
    assert world.daemon.wait_decision(within=2)["reason"] == "abandoned"


def test_sudo_without_a_terminal_is_refused_and_pushes_nothing(world):
    world.start_daemon()
    command = ["setpriv", "--reuid=alice", "--regid=alice", "--init-groups", "setsid", "--wait", "sudo", "id", "-un"]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=duet.PATIENCE, check=False
    )
    assert result.returncode != 0 and "root" not in result.stdout
    assert not world.simulator.transactions()


def pamtester(folder, service, answers, *operations):
    """pamtester with libpam, passwd and uids from a folder: needs no root and touches no system file."""
    environment = {
        "LD_PRELOAD": "libpam_wrapper.so libnss_wrapper.so libuid_wrapper.so", "PAM_WRAPPER": "1",
        "PAM_WRAPPER_SERVICE_DIR": str(folder / "pam.d"), "NSS_WRAPPER_PASSWD": str(folder / "passwd"),
        "NSS_WRAPPER_GROUP": str(folder / "group"), "UID_WRAPPER": "1", "UID_WRAPPER_ROOT": "1",
        "PATH": os.environ["PATH"], "TMPDIR": str(folder),
    }  # fmt: skip
    return subprocess.run(
        ["pamtester", "-I", "rhost=192.0.2.7", service, "alice", *operations], env=environment, input=answers,
        capture_output=True, text=True, timeout=duet.PATIENCE, check=False,
    )


def test_pamtester_with_pam_wrapper(world):
    world.start_daemon()
    (world.folder / "pam.d").mkdir()
    (world.folder / "pam.d/duet").write_text(
        f"auth required {duet.MODULE}\naccount required pam_permit.so\nsession required pam_permit.so\n"
    )
    (world.folder / "pam.d/other").write_text("auth required pam_deny.so\n")
    (world.folder / "passwd").write_text("root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/tmp:/bin/sh\n")
    (world.folder / "group").write_text("root:x:0:\nalice:x:1001:\n")
    good = pamtester(world.folder, "duet", "100001\n", "authenticate", "acct_mgmt", "setcred")
    assert good.returncode == 0, good.stdout + good.stderr
    assert world.daemon.wait_decision()["rhost"] == "192.0.2.7"
    bad = pamtester(world.folder, "duet", "999999\n", "authenticate")
    assert bad.returncode != 0


def test_a_killed_sudo_is_abandoned(world):
    world.start_daemon()
    child = duet.sudo("alice", "id", "-un")
    child.expect(MENU)
    child.sendline("1")
    duet.wait_for("the push", world.simulator.waiting)
    subprocess.run(["pkill", "-KILL", "-x", "sudo"], check=True)
    assert world.daemon.wait_decision(within=1)["reason"] == "abandoned"
    child.close(force=True)
    assert child.signalstatus in (signal.SIGKILL, signal.SIGHUP, None)


def test_the_push_of_sudo_says_which_command_and_nothing_else_can_be_in_it(world):
    world.start_daemon()
    for argument, shown in [("reboot", "reboot"), ("a\x1b[2Jb", "a?[2Jb"), ("für", "für"), ("x" * 3000, " ...")]:
        child = duet.sudo("alice", "echo", argument)
        child.expect(MENU)
        child.sendline("1")
        push = duet.wait_for("the push", world.simulator.waiting)
        command = str(urllib.parse.parse_qs(push["pushinfo"])["Command"])
        assert "sudo echo " in command and (shown in command or len(command) > 500), push
        assert "\x1b" not in command and "null" not in str(push["pushinfo"])
        world.simulator.answer("approve")
        _, status = duet.finish(child)
        assert status == 0
