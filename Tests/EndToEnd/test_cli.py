"""duet and duetd as an admin calls them."""

import json
import os
import shutil
import signal
import socket
import subprocess

import pytest

import duet
from test_ssh import at_menu, refused, shell_opens


def run(*arguments, code=0):
    result = subprocess.run(
        [duet.BIN / "duet", *arguments], capture_output=True, text=True, timeout=60, check=False
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
    assert "did not answer" in run("status", code=1)


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
