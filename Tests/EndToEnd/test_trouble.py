"""What happens when a part is missing, broken, wrong or killed: through a real sshd."""

import signal
import subprocess
import time

import pytest

import duet
from test_ssh import at_menu, refused, shell_opens

def set_fail(mode):
    duet.pam_service("sshd-duet", options=f"fail={mode}")


def test_no_daemon_and_fail_closed_refuses(world):
    set_fail("closed")
    world.start_sshd()
    refused(world.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1"))


def test_no_daemon_and_fail_open_lets_in(world):
    set_fail("open")
    world.start_sshd()
    shell_opens(world.sshd.login("alice"))


def test_a_dead_socket_file_counts_as_no_daemon(world):
    world.start_daemon()
    world.daemon.stop(signal.SIGKILL)
    assert duet.LOGIN_SOCKET.exists()
    set_fail("open")
    world.start_sshd()
    shell_opens(world.sshd.login("alice"))
    world.sshd.stop()
    set_fail("closed")
    world.start_sshd()
    refused(world.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1"))


@pytest.mark.parametrize("module_fail", ["closed", "open"])
def test_duo_unreachable_and_fail_closed_refuses_whatever_the_module_says(world, module_fail):
    set_fail(module_fail)
    world.start_daemon()
    world.start_sshd()
    world.simulator.stop()
    text = refused(world.sshd.login("alice"))
    assert "Duo cannot be reached" in text
    decision = world.daemon.wait_decision()
    assert (decision["result"], decision["reason"]) == ("deny", "duo_unreachable")


def test_duo_unreachable_and_fail_open_lets_in_and_says_so_loudly(world):
    world.start_daemon(login='fail = "open"')
    world.start_sshd()
    world.simulator.stop()
    shell_opens(world.sshd.login("alice"))
    decision = world.daemon.wait_decision()
    assert (decision["result"], decision["reason"]) == ("allow", "fail_open")
    assert "critical: login decided" in world.daemon.log


def test_a_wrong_secret_key_refuses_even_with_fail_open(world):
    set_fail("open")
    world.start_daemon(login='fail = "open"', secret_key="0" * 40)
    world.start_sshd()
    refused(world.sshd.login("alice"))
    assert world.daemon.wait_decision()["reason"] == "duo_unauthorized"


def test_a_certificate_of_another_authority_refuses_even_with_fail_open(world):
    set_fail("open")
    other = duet.Simulator(world.folder / "other") if (world.folder / "other").mkdir() is None else None
    world.processes.append(other)
    world.start_daemon(login='fail = "open"', ca_file=other.facts["ca_file"])
    world.start_sshd()
    refused(world.sshd.login("alice"))
    assert world.daemon.wait_decision()["reason"] == "duo_certificate"


@pytest.mark.parametrize("module_fail", ["closed", "open"])
@pytest.mark.parametrize("duo_fail", ["closed", "open"])
def test_a_login_denied_is_denied_with_every_fail_setting(world, module_fail, duo_fail):
    set_fail(module_fail)
    world.start_daemon(login=f'fail = "{duo_fail}"')
    world.start_sshd()
    child = at_menu(world.sshd.login("alice"))
    child.sendline("1")
    world.simulator.answer("deny")
    refused(child)
    assert world.daemon.wait_decision()["result"] == "deny"


@pytest.mark.parametrize("module_fail", ["closed", "open"])
def test_a_daemon_that_is_killed_during_a_push_refuses_quickly(world, module_fail):
    set_fail(module_fail)
    world.start_daemon(login='fail = "open"')
    world.start_sshd()
    child = at_menu(world.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1"))
    child.sendline("1")
    duet.wait_for("the push", world.simulator.waiting)
    world.daemon.stop(signal.SIGKILL)
    killed = time.monotonic()
    refused(child)
    assert time.monotonic() - killed < 5


def test_a_daemon_that_is_stopped_tells_logins_and_ends_with_0(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("1")
    duet.wait_for("the push", cloud.simulator.waiting)
    assert cloud.daemon.stop() == 0
    assert "stopped or restarted" in refused(child)
    assert cloud.daemon.decisions()[0]["reason"] == "stopping"
    assert not duet.LOGIN_SOCKET.exists() and not duet.CONTROL_SOCKET.exists()


@pytest.mark.parametrize("module_fail", ["closed", "open"])
def test_a_typo_in_the_configuration_refuses_and_names_the_place(world, module_fail):
    set_fail(module_fail)
    text = duet.configuration(world.simulator) + 'fial = "open"\n'
    world.start_daemon(text)
    world.start_sshd()
    assert "duet.toml:6:1" in refused(world.sshd.login("alice"))
    assert world.daemon.wait_decision()["reason"] == "not_configured"
    status = subprocess.run([duet.BIN / "duet", "status"], capture_output=True, text=True, check=False)
    assert status.returncode == 2
    assert "EVERY LOGIN IS REFUSED" in status.stdout
    assert "duet.toml:6:1" in status.stdout and "hint: " in status.stdout


def test_an_unknown_module_option_refuses(world):
    duet.pam_service("sshd-duet", options="fial=open")
    world.start_sshd()
    refused(world.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1"))


def test_an_auth_request_that_is_cut_off_is_not_sent_again(cloud):
    cloud.simulator.ask("fault", path="/auth/v2/auth", kind="drop_before_answer", times=1)
    child = at_menu(cloud.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1"))
    child.sendline("1")
    # What may have arrived is not sent again; another factor may be tried.
    at_menu(child)
    assert "Duo Push to iOS" not in child.before
    assert len(cloud.simulator.requests("/auth/v2/auth")) == 1
    assert len(cloud.simulator.transactions()) == 1
    child.close(force=True)
    duet.wait_for("the login to end", lambda: cloud.daemon.decisions())
    assert len(cloud.simulator.requests("/auth/v2/auth")) == 1
