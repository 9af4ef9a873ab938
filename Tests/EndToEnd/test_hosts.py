"""Every kind of host, and every stack that we ship or document: a refusal refuses there, and a wrong password causes no push."""

import pathlib
import shutil
import subprocess

import pexpect
import pytest

import duet
import hosts
from hosts import Attempt

# pexpect's own.
pytestmark = pytest.mark.filterwarnings("ignore:setDaemon")


@pytest.fixture(scope="session", autouse=True)
def bystander(users):
    """Somebody who may log in and knows Duo for nothing."""
    subprocess.run(["useradd", "-m", "-s", "/bin/bash", "bystander"], check=True)


def pushes(world):
    return [t for t in world.simulator.transactions() if t["factor"] == "push"]


def no_contact(world, asked_ahead=False):
    """Neither Duo nor the daemon was asked about anybody; where a line prefetches, Duo was, and that is all."""
    assert asked_ahead or not world.simulator.requests("/auth/v2/preauth")
    assert not pushes(world)
    assert not world.daemon.decisions()


host = pytest.mark.parametrize("host", hosts.ALL, ids=str)
with_password = pytest.mark.parametrize("host", [h for h in hosts.ALL if h.password], ids=str)


@host
def test_an_approved_push_lets_in(world, host):
    world.start_daemon()
    Attempt(host, world).password().push("approve").is_let_in()
    assert world.daemon.wait_decision()["service"] == host.service


@host
def test_a_passcode_lets_in(world, host):
    world.start_daemon()
    Attempt(host, world).password().menu("100001").is_let_in()


@host
@pytest.mark.parametrize("answer", ["deny", "fraud"])
def test_a_push_that_is_not_approved_refuses_with_one_push(world, host, answer):
    world.start_daemon()
    Attempt(host, world).password().push(answer).is_refused()
    assert len(pushes(world)) == 1 and len(world.daemon.decisions()) == 1


@with_password
def test_a_wrong_password_asks_nobody(world, host):
    world.start_daemon()
    Attempt(host, world).password("wrong").is_refused()
    no_contact(world)


@host
def test_without_a_daemon_nobody_gets_in(world, host):
    Attempt(host, world).password().is_refused()


# ---- sshd's password method ----

AS_PASSCODE = "100001"  # a passcode of alice's that Duo would take


@pytest.fixture
def password_is_a_passcode(users):
    """If her password went to Duo, it would let her in."""
    subprocess.run(["chpasswd"], input=f"alice:{AS_PASSCODE}\n", text=True, check=True)
    yield
    subprocess.run(["chpasswd"], input=f"alice:{hosts.PASSWORD}\n", text=True, check=True)


@pytest.mark.parametrize("stack", [hosts.DUET, hosts.PASSWORD_THEN_DUET], ids=["duet alone", "after pam_unix"])
@pytest.mark.parametrize("autopush", ["false", '"prompt"', '"auto"'])
def test_the_password_method_refuses_and_the_password_never_reaches_duo(world, password_is_a_passcode, stack, autopush):
    world.start_daemon(login=f"autopush = {autopush}")
    hosts.write_stack("sshd-duet", stack)
    world.start_sshd(methods="password", PasswordAuthentication="yes")
    child = world.sshd.login("alice", "-o", f"RemoteCommand={hosts.COMMAND}", "-o", "NumberOfPasswordPrompts=1",
                             methods="password")  # fmt: skip
    child.expect("password: ")
    child.sendline(AS_PASSCODE)
    assert child.expect([hosts.IN, pexpect.EOF]) == 1
    assert "Permission denied" in child.before
    child.close()
    assert not [t for t in world.simulator.transactions() if t["factor"] == "passcode"]
    assert not [d for d in world.daemon.decisions() if d["result"] == "allow"]


def test_the_login_password_typed_at_duets_prompt_never_reaches_duo(world, password_is_a_passcode):
    world.start_daemon()
    for host in (hosts.SSH, hosts.SUDO, hosts.LOGIN):
        Attempt(host, world).password(AS_PASSCODE).menu(AS_PASSCODE).is_refused()
    assert not world.simulator.requests("/auth/v2/auth")


# ---- sudo without questions (without a terminal: test_sudo.py), su of root, cron, passwd ----


def run(*command, **options):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=duet.PATIENCE, check=False, stdin=subprocess.DEVNULL, **options
    )


def test_sudo_that_may_not_ask_does_not_ask_duo(world):
    world.start_daemon()
    hosts.write_stack("sudo-duet", hosts.DUET)
    result = run(*hosts.as_user("alice", "sudo", "-n", "id", "-un"))
    assert result.returncode != 0 and "root" not in result.stdout and "password is required" in result.stderr
    no_contact(world)


@pytest.mark.parametrize("autopush", ["false", '"prompt"', '"auto"'])
def test_sudo_that_may_not_ask_but_calls_pam_is_refused_without_a_passcode(world, autopush):
    """noninteractive_auth lets modules that need no answer decide."""
    sudoers = pathlib.Path("/etc/sudoers.d/noninteractive")
    sudoers.write_text("Defaults noninteractive_auth\n")
    sudoers.chmod(0o440)
    try:
        world.start_daemon(login=f"autopush = {autopush}")
        hosts.write_stack("sudo-duet", hosts.DUET)
        result = run("setsid", "--wait", *hosts.as_user("alice", "sudo", "-n", "id", "-un"))
        assert result.returncode != 0 and "root" not in result.stdout
        assert world.daemon.wait_decision()["result"] != "allow"
    finally:
        sudoers.unlink()


def test_su_of_root_with_pam_rootok_asks_nobody(world):
    world.start_daemon()
    hosts.write_stack("su", "auth sufficient pam_rootok.so\n" + hosts.PASSWORD_THEN_DUET)
    result = run("su", "alice", "-c", hosts.COMMAND)
    assert result.returncode == 0 and result.stdout == "let-in-as-alice\n"
    no_contact(world)
    # And everybody else is asked.
    attempt = Attempt(hosts.SU, world, "auth sufficient pam_rootok.so\n" + hosts.PASSWORD_THEN_DUET)
    attempt.password().push("deny").is_refused()


# Duet in every group that a daemon of jobs runs through; pam_deny is reached by anything but PAM_IGNORE.
JOBS = """auth required pam_duet.so
account [ignore=1 default=die] pam_duet.so
account required pam_deny.so
account required pam_permit.so
session required pam_permit.so
"""


def test_what_cron_does_with_pam_asks_nobody(world):
    """cron starts at the account: nobody is there who could be asked. pam_duet says PAM_IGNORE."""
    world.start_daemon()
    hosts.write_stack("jobs", JOBS)
    result = run("pamtester", "-I", "tty=cron", "jobs", "alice", "acct_mgmt", "setcred(PAM_ESTABLISH_CRED)",
                 "open_session", "close_session")  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    no_contact(world)


@pytest.mark.skipif(not pathlib.Path("/usr/sbin/cron").exists(), reason="cron is not installed")
def test_cron_runs_its_jobs_and_asks_nobody(world):
    world.start_daemon()
    hosts.write_stack("cron", JOBS)
    shutil.rmtree("/etc/cron.d", ignore_errors=True)
    pathlib.Path("/etc/cron.d").mkdir()
    ran = pathlib.Path("/run/home/alice/ran")
    pathlib.Path("/etc/cron.d/duet").write_text(f"@reboot alice {hosts.COMMAND} >{ran}\n")
    cron = subprocess.Popen(["/usr/sbin/cron", "-f"], stdin=subprocess.DEVNULL)
    try:
        duet.wait_for("the job", lambda: ran.exists() and ran.read_text() == "let-in-as-alice\n")
    finally:
        cron.terminate()
        cron.wait(timeout=duet.PATIENCE)
    no_contact(world)


def test_a_password_stack_that_names_duet_changes_no_password(world):
    """It has no password part: libpam refuses, and so does passwd."""
    world.start_daemon()
    before = pathlib.Path("/etc/shadow").read_text()
    hosts.write_stack("passwd", "password requisite pam_duet.so\npassword required pam_unix.so\n" + hosts.CLOSING)
    child = hosts.on_terminal("/usr/bin/passwd", "alice")
    text, status = duet.finish(child)
    assert status != 0 and "New password" not in text
    assert pathlib.Path("/etc/shadow").read_text() == before
    no_contact(world)


# ---- chains ----

CHAINS = {
    "required": hosts.PASSWORD_THEN_DUET,
    "requisite": "auth requisite pam_unix.so\nauth requisite pam_duet.so\n",
    "success=ok default=die": "auth [success=ok default=die] pam_unix.so\nauth [success=ok default=die] pam_duet.so\n",
    "and a permit behind": hosts.PASSWORD_THEN_DUET + "auth required pam_permit.so\n",
    "requisite and a permit behind": "auth requisite pam_unix.so\nauth requisite pam_duet.so\nauth sufficient pam_permit.so\n",
    "die and a permit behind": (
        "auth [success=ok default=die] pam_unix.so\nauth [success=ok default=die] pam_duet.so\nauth sufficient pam_permit.so\n"
    ),
    "after Debian's primary block": (
        "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
        "auth required pam_permit.so\nauth required pam_duet.so\n"
    ),
    "sufficient, with a deny behind": "auth requisite pam_unix.so\nauth sufficient pam_duet.so\nauth required pam_deny.so\n",
    "in a substack": "auth requisite pam_unix.so\nauth substack duet-alone\nauth required pam_permit.so\n",
    "included": "auth requisite pam_unix.so\nauth include duet-alone\n",
}


def holds(host, world, stack):
    """In this stack: who is approved gets in, who is denied does not, and a wrong password asks nobody."""
    attempt = Attempt(host, world, stack)
    if host.password:
        attempt.password("wrong").is_refused()
        no_contact(world, asked_ahead="prefetch" in stack)
        attempt = Attempt(host, world, stack)
    attempt.password().push("deny").is_refused()
    assert world.daemon.wait_decision()["result"] == "deny"
    assert len(pushes(world)) == 1
    Attempt(host, world, stack).password().push("approve").is_let_in()
    world.daemon.stop()
    Attempt(host, world, stack).password().is_refused()


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
def test_a_refusal_refuses_whatever_the_control(world, chain):
    world.start_daemon()
    hosts.write_stack("duet-alone", hosts.DUET)
    holds(hosts.SUDO, world, chain)


@pytest.mark.parametrize("chain", [CHAINS["success=ok default=die"], CHAINS["in a substack"]], ids=["die", "substack"])
def test_a_refusal_refuses_in_login_whatever_the_control(world, chain):
    world.start_daemon()
    hosts.write_stack("duet-alone", hosts.DUET)
    Attempt(hosts.LOGIN, world, chain).password().push("deny").is_refused()
    assert len(pushes(world)) == 1


def test_sufficient_at_the_end_lets_a_refusal_pass_which_is_why_the_manual_forbids_it(world):
    world.start_daemon()
    stack = "auth required pam_unix.so\nauth sufficient pam_duet.so\n"
    Attempt(hosts.SUDO, world, stack).password().push("deny").is_let_in()
    assert "Do not use sufficient" in (duet.ROOT / "pam/pam_duet.8.scd").read_text()


# ---- what we ship and document ----


def test_the_stacks_that_we_document_are_found():
    places = [str(stack) for stack in hosts.documented()]
    assert sum(place.startswith("README.md") for place in places) >= 1, places
    assert sum(place.startswith("pam/pam_duet.8.scd") for place in places) >= 2, places


@pytest.mark.parametrize("stack", hosts.documented(), ids=str)
def test_a_documented_stack_holds(world, stack):
    world.start_daemon()
    holds(stack.host, world, stack.text)


@pytest.mark.parametrize("stack", hosts.documented(), ids=str)
def test_no_documented_stack_lets_a_refusal_pass(stack):
    for line in stack.text.splitlines():
        if line.startswith("auth") and ("pam_duet" in line or "pam_unix" in line):
            # What only says who is coming decides nothing.
            allowed = ("optional",) if "prefetch" in line.split() else ("required", "requisite")
            assert line.split()[1] in allowed, line


@pytest.mark.parametrize("profile", hosts.PROFILES, ids=lambda path: path.name)
@pytest.mark.parametrize("host", [hosts.SSH, hosts.SUDO, hosts.SU, hosts.LOGIN], ids=str)
def test_a_profile_of_pam_auth_update_holds(world, profile, host):
    world.start_daemon()
    holds(host, world, hosts.installed_profile(profile))
