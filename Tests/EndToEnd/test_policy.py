"""Rules, remembered decisions and switches, with real sudo and real ssh."""

import json
import pathlib
import signal
import subprocess

import pexpect

import duet
from test_ssh import MENU, at_menu, refused, shell_opens

SUDO_REMEMBERS = """
[[rule]]
name = "sudo"
when = { service = ["sudo-duet"] }
action = "require"
remember = { allow = "15m", scope = "tty" }

[[rule]]
name = "rest"
action = "require"
"""

ONE_PUSH = """
[[rule]]
name = "ssh"
when = { service = ["sshd-duet"] }
action = "require"
remember = { allow = "1h", scope = "login" }

[[rule]]
name = "sudo"
action = "require"
remember = { allow = "1h", scope = "login" }
"""


def started(world, rules):
    world.start_daemon(duet.configuration(world.simulator) + rules)
    return world


def run(world, *arguments, code=0, **options):
    """duet, as root, at the daemon of this test."""
    command = [duet.BIN / "duet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=duet.PATIENCE, **options)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def cli(world, *arguments, code=0):
    return run(world, *arguments, "--control-socket", duet.CONTROL_SOCKET, code=code)


class Shell:
    """A shell of alice on a terminal of its own, in which she runs sudo again and again."""

    def __init__(self, spawned):
        self.child = spawned
        self.child.expect(r"\$ ")
        self.child.sendline("PS1='ready> '; stty -echo")
        self.child.expect("ready> $")

    @classmethod
    def local(cls, user="alice"):
        return cls(
            pexpect.spawn(
                "/usr/bin/setpriv",
                [f"--reuid={user}", f"--regid={user}", "--init-groups", "--", "/usr/bin/env", "-i", "TERM=dumb",
                 "PS1=$ ", "PATH=/usr/bin:/bin", "/bin/bash", "--norc", "--noprofile"],
                encoding="utf-8", timeout=duet.PATIENCE,
            )
        )  # fmt: skip

    def sudo(self, answer=None, command="sudo id -un"):
        """Whether it was asked, and answered with `answer` when it was; it always ends up as root."""
        self.child.sendline(command)
        asked = self.child.expect([MENU, "root\r\n"]) == 0
        if asked:
            assert answer is not None, "asked for a second factor"
            self.child.sendline(answer)
            self.child.expect("root\r\n")
        self.child.expect("ready> $")
        return asked

    def close(self):
        self.child.close(force=True)


def passcodes():
    return iter(["100001", "100002", "100003", "200001", "200002", "200003"])


def test_sudo_is_asked_once_on_a_terminal_until_something_ends_it(world):
    started(world, SUDO_REMEMBERS)
    codes = passcodes()
    shell = Shell.local()
    assert shell.sudo(next(codes)), "the first is asked"
    assert not shell.sudo(), "the second on this terminal is not"
    decision = world.daemon.wait_decision(2)
    assert decision["reason"] == "remembered" and decision["factor"] == "passcode" and decision["rule"] == "sudo"
    first = world.daemon.wait_decision(1)
    assert first["login"] in decision["memory"], "it says which login it reuses"

    other = Shell.local()
    assert other.sudo(next(codes)), "another terminal is asked"
    assert not other.sudo()

    rows = json.loads(cli(world, "cache", "list", "--json"))["decisions"]
    assert len(rows) == 2 and {row["user"] for row in rows} == {"alice"} and rows[0]["used"] == 1
    assert "tty" in cli(world, "cache", "list") and "passcode of alice" in cli(world, "cache", "show", str(rows[0]["id"]))
    assert "1 decision" in cli(world, "cache", "forget", str(rows[0]["id"]))
    assert shell.sudo(next(codes)), "what was forgotten is asked again"
    assert not other.sudo(), "and nothing else"
    assert "nothing was forgotten" in cli(world, "cache", "clear", code=1), "it asks before it forgets everything"
    assert "2 decisions" in cli(world, "cache", "clear", "--yes")
    assert other.sudo(next(codes))

    world.daemon.stop(signal.SIGKILL)
    world.start_daemon(world.daemon.configuration.read_text())
    assert not other.sudo(), "a daemon that was killed still knows it"
    shell.close()
    other.close()


def test_a_changed_rule_and_a_changed_group_ask_again(world):
    started(world, SUDO_REMEMBERS)
    codes = passcodes()
    shell = Shell.local()
    assert shell.sudo(next(codes)) and not shell.sudo()
    world.daemon.configuration.write_text(world.daemon.configuration.read_text().replace("15m", "14m"))
    assert "was read again" in cli(world, "reload")
    assert shell.sudo(next(codes)), "another rule"
    assert not shell.sudo()
    subprocess.run(["usermod", "-aG", "games", "alice"], check=True)
    try:
        # Groups are believed for ten seconds; a daemon that starts has none yet.
        world.daemon.stop()
        world.start_daemon(world.daemon.configuration.read_text())
        assert shell.sudo(next(codes)), "other groups"
    finally:
        subprocess.run(["gpasswd", "-d", "alice", "games"], check=True, capture_output=True)
    shell.close()


def test_one_push_for_ssh_and_the_sudos_under_it(world):
    started(world, ONE_PUSH)
    world.start_sshd()
    codes = passcodes()
    child = at_menu(world.sshd.login("alice"))
    child.sendline("push")
    world.simulator.answer("approve")
    connection = Shell(child)
    assert not connection.sudo() and not connection.sudo(), "sudo in that connection asks nobody"
    assert world.daemon.wait_decision(2)["memory"].count(world.daemon.wait_decision(1)["login"]) == 1

    child = at_menu(world.sshd.login("alice"))
    child.sendline("sms")
    child.expect("Passcode from the SMS")
    child.sendline(next(codes))
    second = Shell(child)
    local = Shell.local()
    assert local.sudo(next(codes)), "a login beside it has no such connection"
    # Detached from the connection, and adopted by another process: no ancestor any more.
    connection.child.sendline("rm -f /tmp/detached; (setsid sh -c 'sleep 1; sudo -S id -un </dev/null >/tmp/detached 2>&1' &)")
    connection.child.expect("ready> ")
    detached = pathlib.Path("/tmp/detached")
    duet.wait_for("the detached sudo", lambda: detached.exists() and detached.read_text())
    assert "root" not in detached.read_text()
    detached.unlink()
    connection.close()
    assert not second.sudo(), "the other connection has its own"
    second.close()
    local.close()


def test_rules_bypass_deny_and_say_who_matched(world):
    started(world, """
[[rule]]
name = "robots"
when = { user = ["preauth-deny"] }
action = "bypass"

[[rule]]
name = "closed"
when = { user = ["enroll"] }
action = "deny"
text = "Come back on Monday."

[[rule]]
name = "rest"
action = "require"
""")  # fmt: skip
    world.start_sshd()
    world.simulator.ask("clear_requests")
    shell_opens(world.sshd.login("preauth-deny"))
    assert "Come back on Monday." in refused(world.sshd.login("enroll", "-o", "NumberOfPasswordPrompts=1"))
    assert world.simulator.requests("/auth/v2/preauth") == []
    assert [d["rule"] for d in world.daemon.decisions()] == ["robots", "closed"]
    explained = run(world, "explain", "--configuration", world.daemon.configuration, "--user", "enroll", "--service", "sshd-duet", "--rhost", "192.0.2.1")
    assert "closed" in explained


def test_a_managed_list_changes_who_is_asked_without_a_reload(world):
    started(world, """
[[rule]]
name = "managed"
when = { enabled = true }
action = "require"

[[rule]]
name = "others"
action = "bypass"
""")  # fmt: skip
    place = ["--configuration", world.daemon.configuration]
    shell = Shell.local()
    assert not shell.sudo()
    assert run(world, "users", "enable", "alice", *place) == "alice\n"
    assert shell.sudo("100001")
    assert "alice" in run(world, "users", *place)
    run(world, "users", "disable", "alice", *place)
    assert not shell.sudo()
    shell.close()


def test_a_suspension_is_loud_and_ends(world):
    started(world, SUDO_REMEMBERS)
    place = ["--configuration", world.daemon.configuration]
    shell = Shell.local()
    assert "nothing was changed" in run(world, "disable", "--for", "2h", *place, code=1)
    run(world, "disable", "--for", "9d", "--yes", *place, code=2)
    run(world, "disable", "--for", "2h", "--yes", *place)
    assert not shell.sudo()
    decision = world.daemon.wait_decision()
    assert decision["reason"] == "suspended" and "critical: login decided" in world.daemon.log
    status = cli(world, "status", code=1)
    assert "SUSPENDED" in status and "119 min" in status
    assert "asked for again" in run(world, "enable", *place)
    assert shell.sudo("100001")
    shell.close()


def test_reload_replaces_the_policy_or_leaves_the_one_before(world):
    started(world, SUDO_REMEMBERS)
    good = world.daemon.configuration.read_text()
    shell = Shell.local()
    world.daemon.configuration.write_text(good + '\n[[rule]]\nname = "broken"\naction = "requier"\n')
    answer = cli(world, "reload", code=2)
    assert "did you mean \\\"require\\\"" in answer or "require" in answer
    assert "an older one is in force" in cli(world, "status", code=1)
    assert shell.sudo("100001"), "the policy before is in force"
    world.daemon.child.send_signal(signal.SIGHUP)
    duet.wait_for("the log", lambda: world.daemon.log.count("stays in force") == 2)

    # A daemon that starts with it takes the last good one of this boot, loudly.
    world.daemon.stop()
    world.start_daemon(world.daemon.configuration.read_text())
    assert "the last good one of this boot is in force" in world.daemon.log
    assert not shell.sudo(), "and still remembers"
    world.daemon.configuration.write_text(good)
    assert "was read again" in cli(world, "reload")
    assert "older one" not in cli(world, "status")
    shell.close()


def test_a_suspension_is_the_way_in_when_the_configuration_is_broken(world):
    started(world, "[[rule]]\n")
    assert "every login is refused" in world.daemon.log
    child = duet.sudo("alice", "id", "-un")
    assert "has an error" in duet.finish(child)[0]
    run(world, "disable", "--for", "10m", "--yes", "--configuration", world.daemon.configuration)
    text, status = duet.finish(duet.sudo("alice", "id", "-un"))
    assert status == 0 and "root" in text
    assert world.daemon.wait_decision(2)["reason"] == "suspended"


def test_who_may_not_change_anything_is_told(world):
    started(world, SUDO_REMEMBERS)
    duet.CONTROL_SOCKET.chmod(0o666)
    prefix = ["/usr/bin/setpriv", "--reuid=alice", "--regid=alice", "--init-groups", "--"]
    for arguments in (["reload"], ["cache", "clear", "--yes"]):
        command = [*prefix, "/run/duet-cli", *arguments, "--control-socket", duet.CONTROL_SOCKET]
        pathlib.Path("/run/duet-cli").write_bytes((duet.BIN / "duet").read_bytes())
        pathlib.Path("/run/duet-cli").chmod(0o755)
        done = subprocess.run(command, capture_output=True, text=True, timeout=duet.PATIENCE)
        assert done.returncode == 2 and "only root may" in done.stderr, done


def test_pushes_stop_after_denials_and_a_passcode_starts_them_again(world):
    world.start_daemon(duet.configuration(world.simulator, "prompts = 1") + '\n[push]\nmax_denied = 2\n')
    shell = duet.sudo
    for _ in range(2):
        child = shell("alice", "id", "-un")
        child.expect(r"option \([-\d]+\): ")
        child.sendline("push")
        world.simulator.answer("deny")
        duet.finish(child)
    child = shell("alice", "id", "-un")
    child.expect(r"option \([-\d]+\): ")
    assert "have stopped" in child.before and "Duo Push" not in child.before
    child.sendline("100001")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text
    child = shell("alice", "id", "-un")
    child.expect(r"option \([-\d]+\): ")
    assert "Duo Push" in child.before
    child.close(force=True)


def test_su_to_root_asks_whoever_becomes_root(world):
    duet.pam_service("su", before="auth requisite pam_unix.so\n")
    world.start_daemon()
    subprocess.run(["chpasswd"], input="root:first-factor\n", text=True, check=True)
    child = pexpect.spawn(
        "/usr/bin/setpriv",
        ["--reuid=alice", "--regid=alice", "--init-groups", "--", "/usr/bin/env", "-i", "TERM=dumb", "/bin/su", "-c", "id -un"],
        encoding="utf-8", timeout=duet.PATIENCE,
    )  # fmt: skip
    child.expect("[Pp]assword: ")
    child.sendline("first-factor")
    child.expect(MENU)
    child.sendline("100001")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text
    assert world.daemon.wait_decision()["duo_user"] == "alice"
