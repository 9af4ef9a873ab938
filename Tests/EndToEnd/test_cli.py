"""duet and duetd as an admin calls them."""

import json
import os
import shutil
import signal
import socket
import subprocess

import pexpect
import pytest

import duet
from test_ssh import at_menu, refused, shell_opens


def run(*arguments, code=0, **options):
    result = subprocess.run(
        [duet.BIN / "duet", *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result.stdout + result.stderr


def test_status_of_a_daemon_that_works(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    report = json.loads(run("status", "--json"))
    assert report["loginsInFlight"] == 1 and report["health"] == "healthy"
    child.sendline("100001")
    shell_opens(child)
    cloud.daemon.wait_decision()
    report = json.loads(run("status", "--json"))
    assert report["logins"] == {"allow": 1} and report["loginsInFlight"] == 0
    text = run("status")
    assert cloud.simulator.api_host in text and "allow 1" in text and "answered" in text


def test_status_without_a_daemon_says_how_to_start_one(world):
    assert "systemctl start duetd" in run("status", code=2)
    assert json.loads(run("status", "--json", code=2))["health"] == "down"


def test_status_is_degraded_when_duo_did_not_answer(world):
    text = duet.configuration(world.simulator)
    world.simulator.stop()
    daemon = world.start_daemon(text)
    duet.wait_for("the first ping to fail", lambda: "Duo does not answer" in daemon.log)
    assert "the last call to Duo (default) failed: DUET-1" in run("status", code=1)


def test_status_says_that_the_keys_are_wrong_until_a_login_is_answered_whatever_a_ping_says(world):
    daemon = world.start_daemon(secret_key="0" * 40)
    world.start_sshd()
    before = len(world.simulator.requests("/auth/v2/ping"))
    refused(world.sshd.login("alice"))
    daemon.wait_decision()
    duet.wait_for("another ping", lambda: len(world.simulator.requests("/auth/v2/ping")) > max(before, 1))
    assert "the last call to Duo (default) failed: DUET-120" in run("status", code=1)


def config(world, **duo):
    path = world.folder / "check.toml"
    path.write_text(duet.configuration(world.simulator, **duo))
    path.chmod(0o600)
    return path


def test_check_works_without_the_daemon(world):
    text = run("check", "--configuration", config(world))
    for word in ("TLS", "clock", "integration key", "ms"):
        assert word in text, text
    report = json.loads(run("check", "--json", "--configuration", config(world)))
    assert report["ok"] is True


@pytest.mark.parametrize(
    "change, said",
    [
        ({"secret_key": "0" * 40}, "secret key"),
        ({"integration_key": "DI" + "0" * 18}, "integration key"),
        ({"api_host": "localhost:1"}, "port"),
        ({"ca_file": "/etc/ssl/certs/ca-certificates.crt"}, "certificate"),
        ({"api_host": "no-such-host.invalid"}, "looked up"),
    ],
)
def test_check_says_what_is_wrong(world, change, said):
    assert said in run("check", "--configuration", config(world, **change), code=2)


def test_check_warns_of_a_clock_that_is_off(world):
    world.simulator.ask("skew", seconds=600)
    text = run("check", "--configuration", config(world), code=1)
    assert "600 s" in text or "599 s" in text or "601 s" in text, text


def test_check_of_a_bad_configuration_shows_every_mistake(world):
    path = config(world, integration_kee="x")
    text = run("check", "--configuration", path, code=2)
    assert "unknown key" in text and "hint:" in text


def test_ca_shows_the_shipped_roots_soonest_end_first(world):
    report = json.loads(run("ca", "--json", "--file", duet.ROOT / "etc/duo-ca.pem"))
    ends = [authority["ends"] for authority in report["authorities"]]
    assert len(ends) == 15 and ends == sorted(ends)
    assert "DigiCert" in run("ca", "--file", duet.ROOT / "etc/duo-ca.pem")
    assert "no certificate" in run("ca", "--file", duet.ROOT / "Makefile", code=2)


def test_ca_shows_the_roots_of_the_configuration(world):
    text = run("ca", "--configuration", config(world))
    assert world.simulator.facts["ca_file"] in text and "ok" in text
    # Some of a distribution's roots have always ended, or are about to.
    run("ca", "--configuration", config(world, ca_file="system"))


def test_check_through_a_proxy_that_is_down_says_so_and_hides_its_password(world):
    path = config(world, proxy="http://hop:s3cret@127.0.0.1:1")
    text = run("check", "--configuration", path, code=2)
    assert "DUET-107" in text and "proxy" in text and "s3cret" not in text


def test_no_secret_in_any_output(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("100001")
    shell_opens(child)
    cloud.daemon.wait_decision()
    key = cloud.simulator.facts["secret_key"]
    everything = cloud.daemon.log + run("status", "--json") + run("check", "--json", "--configuration", cloud.daemon.configuration)
    command = open(f"/proc/{cloud.daemon.child.pid}/cmdline").read() + open(f"/proc/{cloud.daemon.child.pid}/environ").read()
    assert key not in everything + command and "100001" not in everything + command


def activated(world, user):
    """duetd as `user`, with its sockets from somebody else, as systemd passes them (sd_listen_fds(3))."""
    listeners = []
    for path, mode in ((duet.LOGIN_SOCKET, 0o600), (duet.CONTROL_SOCKET, 0o660)):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        path.chmod(mode)
        listener.listen(128)
        listeners.append(listener)

    def pass_sockets():
        for number, listener in enumerate(listeners):
            os.dup2(listener.fileno(), 3 + number, inheritable=True)

    authorities = world.folder / "ca.pem"
    shutil.copy(world.simulator.facts["ca_file"], authorities)
    authorities.chmod(0o644)
    text = duet.configuration(world.simulator, ca_file=authorities)
    # Made before the daemon starts, because the file belongs to its user.
    (world.folder / "duet.toml").write_text(text)
    shutil.chown(world.folder / "duet.toml", user)
    # What it remembers lies in a folder of its own, as systemd makes it.
    (world.folder / "state").mkdir(mode=0o700)
    shutil.chown(world.folder / "state", user)
    # The checkout may lie where only root may look.
    program = world.folder / "duetd"
    shutil.copy(duet.BIN / "duetd", program)
    prefix = ["/usr/bin/setpriv", f"--reuid={user}", "--clear-groups", "/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"]
    environment = dict(os.environ, LISTEN_FDS="2", LISTEN_FDNAMES="login:control")
    world.daemon = duet.Daemon(
        world.folder, text, program=program, prefix=prefix, preexec_fn=pass_sockets, close_fds=False, env=environment
    )
    world.processes.append(world.daemon)
    return world.daemon.wait_ready()


def test_sockets_may_come_from_the_service_manager_to_the_user_duet(world):
    activated(world, "duet")
    world.start_sshd()
    child = at_menu(world.sshd.login("alice"))
    child.sendline("100001")
    shell_opens(child)
    assert world.daemon.stop() == 0
    assert duet.LOGIN_SOCKET.exists() and duet.CONTROL_SOCKET.exists()


@pytest.mark.parametrize("fail", ["closed", "open"])
def test_a_daemon_of_another_user_is_not_believed(world, fail):
    duet.pam_service("sshd-duet", options=f"fail={fail}")
    activated(world, "nobody")
    world.start_sshd()
    refused(world.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1"))
    assert not world.daemon.decisions()


def test_sigint_ends_the_daemon_with_0_too(world):
    assert world.start_daemon().stop(signal.SIGINT) == 0


def test_a_socket_that_somebody_listens_on_is_not_taken_away(world):
    world.start_daemon()
    second = duet.Daemon(world.folder, duet.configuration(world.simulator))
    world.processes.append(second)
    assert second.child.wait(timeout=duet.PATIENCE) != 0
    assert json.loads(run("status", "--json"))["pid"] == world.daemon.child.pid


def flight():
    """The one login in flight, once there is one."""
    logins = duet.wait_for("a login in flight", lambda: json.loads(run("logins", "--json"))["logins"])
    assert len(logins) == 1
    return logins[0]


def test_a_login_in_flight_says_what_it_waits_for_and_can_be_cancelled(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    login = flight()
    assert login["user"] == "alice" and login["service"] == "sshd-duet" and login["rhost"] == "127.0.0.1"
    assert login["waitingFor"] == "prompt" and 0 <= login["age"] < 60
    child.sendline("1")
    duet.wait_for("the push", lambda: flight()["waitingFor"] == "push to iOS (XXX-XXX-0100)")
    assert "push to iOS (XXX-XXX-0100)" in run("logins")
    said = run("logins", "cancel", login["id"], env=dict(os.environ, SUDO_USER="carol"))
    assert login["id"] in said
    text = refused(child)
    assert "administrator of this host has ended this login" in text
    decision = cloud.daemon.wait_decision()
    assert decision["login"] == login["id"] and decision["reason"] == "cancelled" and "carol" in decision["cause"]
    assert "login cancelled" in cloud.daemon.log and "No login is in flight" in run("logins")
    assert "no login" in run("logins", "cancel", login["id"], code=2)


def test_who_is_not_root_may_look_and_change_nothing(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    login = flight()
    # As a member of duet-admin: the socket lets in, the daemon looks who it is.
    duet.CONTROL_SOCKET.chmod(0o666)
    program = cloud.folder / "duet"
    shutil.copy(duet.BIN / "duet", program)

    def as_nobody(*arguments, code=0):
        command = ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    assert login["id"] in as_nobody("logins") and "healthy" in as_nobody("status")
    assert "No login has ended" in as_nobody("history")
    assert "sudo duet logins cancel" in as_nobody("logins", "cancel", login["id"], code=2)
    assert "sudo duet reload" in as_nobody("reload", code=2)
    assert "sudo duet login" in as_nobody("login", "alice", "--service", "sshd-duet", code=2)
    duet.CONTROL_SOCKET.chmod(0o660)
    assert "duet-admin" in as_nobody("status", code=2)
    assert flight()["id"] == login["id"]
    child.close(force=True)


def test_history_shows_how_logins_ended_and_what_is_asked_for(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("100001")
    shell_opens(child)
    cloud.daemon.wait_decision()
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("1")
    cloud.simulator.answer("deny")
    refused(child)
    cloud.daemon.wait_decision(2)
    text = run("history")
    assert text.index("duo_deny") < text.index("duo_allow"), "the newest is first"
    for word in ("alice", "sshd-duet", "127.0.0.1", "passcode", "push"):
        assert word in text
    logins = json.loads(run("history", "--json"))["logins"]
    assert [login["reason"] for login in logins] == ["duo_deny", "duo_allow"]
    for arguments, count in [
        (["--user", "alice"], 2), (["--user", "bob"], 0), (["--result", "deny"], 1), (["--service", "sudo"], 0),
        (["--reason", "duo_allow"], 1), (["--rule", logins[0]["rule"]], 2), (["--since", "1h"], 2), (["--limit", "1"], 1),
        (["--id", logins[1]["id"]], 1),
    ]:  # fmt: skip
        assert len(json.loads(run("history", "--json", *arguments))["logins"]) == count, arguments
    assert "The last 1 of 2" in run("history", "--limit", "1")
    assert "at Duo alice" in run("history", "--id", logins[0]["id"])
    assert "No login fits" in run("history", "--user", "bob")
    for arguments in (["--limit", "0"], ["--since", "yesterday"], ["--result", "alow"], ["--user", ""]):
        run("history", *arguments, code=64)
    assert "there are: duo_allow" in run("history", "--reason", "no_such", code=2)
    today = json.loads(run("status", "--json"))["today"]
    assert (today["allowed"], today["denied"], today["failOpen"]) == (1, 1, 0)


def test_the_status_is_one_screen_and_says_why_it_is_degraded(cloud):
    duet.wait_for("the first ping", lambda: "answered" in run("status"))
    text = run("status")
    for word in ("healthy", "up since", "breaker", "closed", "agrees with Duo's", "CA ", "ends ", "fingerprint",
                 "in force for", "in flight", "remembered", "allowed 0, denied 0, abandoned 0", " ms"):  # fmt: skip
        assert word in text, text
    assert len(text.splitlines()) <= 24
    run("disable", "--for", "10m", "--yes", "--configuration", cloud.daemon.configuration)
    text = run("status", code=1)
    assert "because" in text and "switched the second factor off" in text and "duet enable" in text
    assert json.loads(run("status", "--json", code=1))["troubles"]
    run("enable", "--configuration", cloud.daemon.configuration)
    run("status")


def terminal(*arguments, **variables):
    environment = {"TERM": "xterm", "PATH": os.environ["PATH"]} | variables
    return pexpect.spawn(
        str(arguments[0]), [str(a) for a in arguments[1:]], encoding="utf-8", timeout=duet.PATIENCE, env=environment,
        dimensions=(30, 100),
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["q", "\x03", signal.SIGTERM])
def test_a_watched_status_is_drawn_in_place_and_gives_the_terminal_back(cloud, ending):
    duet.wait_for("the first ping", lambda: "answered" in run("status"))
    shell = terminal("/bin/bash", "--norc", "--noprofile")
    shell.sendline("PS1='ready> '; stty -echo; stty -a | md5sum")
    shell.expect("([0-9a-f]{32})  -")
    before = shell.match.group(1)
    shell.expect("ready> $")
    shell.sendline(f"{duet.BIN}/duet status --watch --interval 0.2 & fg >/dev/null; echo ended $?; stty -a | md5sum")
    shell.expect("\x1b\\[\\?1049h")
    for _ in range(3):
        shell.expect("\x1b\\[H")
        shell.expect("healthy")
    if isinstance(ending, str):
        shell.send(ending)
    else:
        watching = [int(p) for p in os.listdir("/proc") if p.isdigit() and watches(p)]
        assert len(watching) == 1
        os.kill(watching[0], ending)
    shell.expect("\x1b\\[\\?1049l")
    shell.expect("ended 0")
    shell.expect("([0-9a-f]{32})  -")
    assert shell.match.group(1) == before, "the terminal is as it was"
    shell.close(force=True)


def watches(pid):
    try:
        command = open(f"/proc/{pid}/cmdline").read().split("\0")
    except OSError:
        return False
    return command[0].endswith("/duet") and "--watch" in command


def test_a_watched_status_without_a_terminal_is_one_block_after_the_other(cloud):
    command = [duet.BIN / "duet", "status", "--watch", "--interval", "0.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        heads = 0
        while heads < 3:
            line = watching.stdout.readline()
            assert line, "it ended by itself"
            heads += line.startswith("duetd ")
            assert "\x1b" not in line
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=duet.PATIENCE) in (0, 1)


def trial(*arguments, user="alice", service="sshd-duet"):
    return terminal(duet.BIN / "duet", "login", user, "--service", service, *arguments)


REMEMBERING = """
[[rule]]
name = "nobody"
when = { user = ["preauth-deny"] }
action = "deny"
text = "not you"

[[rule]]
name = "machines"
when = { user = ["enroll"] }
action = "bypass"

[[rule]]
name = "people"
action = "require"
remember = { allow = "15m", scope = "user" }
when = { user = ["alice"] }
"""


def test_a_trial_asks_as_a_login_would_and_remembers_nothing(world):
    world.start_daemon(duet.configuration(world.simulator) + REMEMBERING)
    child = trial(service="sudo-duet")
    child.expect('Rule "people" matches and asks Duo')
    at_menu(child)
    assert flight()["isTrial"] is True
    child.sendline("100001")
    text, code = duet.finish(child)
    assert code == 0 and "duo_allow" in text and "nothing is remembered" in text and "people" in text, text
    assert "Nothing is remembered" in run("cache", "list")
    # And what is remembered does not spare it the question.
    shell = duet.sudo("alice", "id", "-un")
    at_menu(shell)
    shell.sendline("100002")
    assert duet.finish(shell)[1] == 0
    assert "alice" in run("cache", "list")
    at_menu(trial(service="sudo-duet")).close(force=True)
    report = duet.wait_for(
        "the one that left", lambda: json.loads(run("history", "--json", "--result", "abandoned"))["logins"]
    )
    assert report[0]["isTrial"] is True
    status = json.loads(run("status", "--json"))
    assert status["logins"] == {"allow": 1} and status["today"]["allowed"] == 1 and status["today"]["abandoned"] == 0


def test_a_trial_says_how_it_ended_with_its_exit_code(world):
    world.start_daemon(duet.configuration(world.simulator) + REMEMBERING)
    said = run("login", "preauth-deny", "--service", "sshd-duet", code=1)
    assert "not you" in said and "policy_deny" in said and 'Rule "nobody"' in said
    assert "policy_bypass" in run("login", "enroll", "--service", "sshd-duet")
    assert "user_unknown" in run("login", "nobody-here", "--service", "sshd-duet", code=1)
    assert "no_rule" in run("login", "root", "--service", "sshd-duet", code=1)
    assert "no user" in run("login", "alice", "--service", "su", "--caller", "nobody-here", code=2)
    # Standard input has ended.
    assert "nobody answered" in run("login", "alice", "--service", "sshd-duet", "--rhost", "192.0.2.7", code=2)
    report = json.loads(
        subprocess.run(
            [duet.BIN / "duet", "login", "alice", "--service", "sudo-duet", "--json"], input="100001\n", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True,
        ).stdout
    )  # fmt: skip
    assert report["result"] == "allow" and report["record"]["rule"] == "people"
    world.daemon.stop()
    assert "not running" in run("login", "alice", "--service", "sshd-duet", code=2)


def test_the_pushes_of_trials_count(world):
    world.start_daemon(duet.configuration(world.simulator) + "\n[push]\nmax_denied = 2\n")
    for _ in range(2):
        child = at_menu(trial("--rhost", "192.0.2.7"))
        child.sendline("1")
        push = duet.wait_for("the push", world.simulator.waiting)
        assert push["ipaddr"] == "192.0.2.7"
        world.simulator.answer("deny")
        text, code = duet.finish(child)
        assert code == 1 and "duo_deny" in text, text
    world.start_sshd()
    child = world.sshd.login("alice")
    child.expect("Pushes and calls have stopped")
    child.close(force=True)


@pytest.mark.parametrize(
    "arguments, meant",
    [
        (["stauts"], "duet status"), (["logn"], "duet login"), (["hisotry"], "duet history"), (["cache", "lst"], "duet cache list"),
        (["config", "chekc"], "duet config check"), (["Status"], "duet status"), (["logins", "cancle", "x"], "duet logins cancel"),
        (["status", "--jsn"], "--json"),
    ],
)  # fmt: skip
def test_a_mistyped_verb_or_option_gets_a_suggestion(world, arguments, meant):
    said = run(*arguments, code=64)
    assert "id you mean" in said and meant in said


# Every verb that reads, with what it needs.
def reading(world):
    path = str(world.daemon.configuration)
    return {
        "status": [], "logins list": [], "history": [], "version": [], "cache list": [], "doctor": [],
        "check": ["--configuration", path], "config check": [path], "config show": ["--config", path],
        "explain": ["--user", "alice", "--service", "sshd", "--config", path],
        "users list": ["--configuration", path], "ca": ["--configuration", path],
    }  # fmt: skip


def test_every_verb_that_reads_speaks_json_and_colours_nothing_that_is_no_terminal(cloud):
    for verb, arguments in reading(cloud).items():
        command = [duet.BIN / "duet", *verb.split(), *arguments]
        for options in ([], ["--json"]):
            done = subprocess.run(command + options, capture_output=True, text=True, timeout=60, check=False)
            assert done.stdout and "\x1b" not in done.stdout + done.stderr, (verb, done)
        json.loads(done.stdout)


def test_colours_are_for_terminals_and_not_with_no_color(cloud):
    for verb, arguments in reading(cloud).items():
        for variables, coloured in [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]:
            text, _ = duet.finish(terminal(duet.BIN / "duet", *verb.split(), *arguments, **variables))
            assert not ("\x1b" in text and not coloured), (verb, variables)
            if verb in ("status", "check", "doctor"):
                assert ("\x1b" in text) == coloured, (verb, variables)


def test_version_names_what_runs(cloud):
    report = json.loads(run("version", "--json"))
    assert report["duet"]["version"] == report["duetd"]["version"] == run("--version").strip()
    assert {"libcurl", "OpenSSL", "SQLite"} == set(report["duetd"]["libraries"])
    assert report["duetd"]["protocolVersion"] == 1 and "SQLite" in run("version")


def test_a_daemon_that_says_nonsense_gets_a_sentence(world):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(duet.CONTROL_SOCKET))
    listener.listen(8)
    # A reply frame, the last one, done: "{}" is valid JSON and no report.
    body = bytes.fromhex("0001000102" "0002000400000001" "00030002") + b"{}"
    frame = b"DU\x01\x91" + len(body).to_bytes(4, "big") + body
    for verb in ("status", "history", "logins", "reload"):
        with subprocess.Popen(
            [duet.BIN / "duet", verb], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as child:
            connection, _ = listener.accept()
            connection.recv(4_096)
            connection.sendall(frame)
            connection.close()
            said = "".join(child.communicate(timeout=60))
            assert child.returncode == 2 and "not understood" in said and "CodingKeys" not in said, (verb, said)
    listener.close()
