"""duet doctor and duet setup as root: real PAM, real libpam, a real daemon, the simulator."""

import json
import pathlib
import subprocess
import time

import pexpect
import pytest

import duet

MENU = r"Passcode or option \(1-\d\): "
PASSWORD = "first-factor"
BACKUP = pathlib.Path("/var/lib/duet/setup-backup")
DEBIAN = "@include common-auth\n@include common-account\n@include common-session-noninteractive\n"


def snapshot():
    """Every file that setup could touch: content, mode, owner."""
    files = {}
    for folder in ("/etc/pam.d", "/etc/ssh", "/etc/duet"):
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                status = path.stat()
                files[str(path)] = (path.read_bytes(), status.st_mode, status.st_uid, status.st_gid)
    return files


@pytest.fixture
def admin(world):
    """A host on which nothing is set up yet, and a daemon that answers."""
    # What setup saves must not outlive this place either: the sandbox keeps /etc and /run only.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "duet-var-lib", "/var/lib"], check=True)
    services = {name: pathlib.Path("/etc/pam.d", name).read_bytes() for name in ("sshd", "sudo", "sudo-i", "su", "login")}
    sshd_config = pathlib.Path("/etc/ssh/sshd_config").read_bytes()
    pathlib.Path("/etc/pam.d/sudo-duet").write_text(DEBIAN)
    pathlib.Path("/etc/pam.d/sshd-duet").unlink()  # the other tests', with Duet alone
    (world.folder / "key").write_text(world.simulator.facts["secret_key"] + "\n")
    (world.folder / "key").chmod(0o600)
    world.start_daemon()
    yield world
    for name, text in services.items():
        pathlib.Path("/etc/pam.d", name).write_bytes(text)
    pathlib.Path("/etc/ssh/sshd_config").write_bytes(sshd_config)
    subprocess.run(["rm", "-rf", "/etc/duet"], check=True)
    subprocess.run(["umount", "/var/lib"], check=True)


def run(*arguments, code=0):
    result = subprocess.run(
        [duet.BIN / "duet", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result.stdout + result.stderr


def credentials(world, **changes):
    facts = world.simulator.facts | {"secret_key_file": world.folder / "key"} | changes
    return [
        "--integration-key", facts["integration_key"], "--api-host", facts["api_host"],
        "--secret-key-file", facts["secret_key_file"], "--ca-file", facts["ca_file"],
    ]  # fmt: skip


def automatic(world, *more, services=("sudo-duet",)):
    """duet setup without questions."""
    chosen = [word for service in services for word in ("--service", service)]
    return ["setup", "--yes", "--module", duet.MODULE, *credentials(world), *chosen, *more]


def wizard(*arguments):
    return pexpect.spawn(
        str(duet.BIN / "duet"), ["setup", *map(str, arguments)], encoding="utf-8", timeout=duet.PATIENCE,
        dimensions=(50, 200),
    )  # fmt: skip


def log_in(child, passcode="100001"):
    child.expect("[Pp]assword: ")
    child.sendline(PASSWORD)
    child.expect(MENU)
    child.sendline(passcode)


def test_the_wizard_sets_up_sshd_and_sudo_and_undo_puts_everything_back(admin):
    before = snapshot()
    facts = admin.simulator.facts
    child = wizard("--module", duet.MODULE, "--ca-file", facts["ca_file"], "--way-in-user", "alice")
    shown = ""
    for question, answer in [
        ("Integration key", facts["integration_key"]), ("API host", facts["api_host"]),
        ("Secret key", facts["secret_key"]), ("Shall sshd", "y"), ("Shall sudo", "y"), ("Shall su ", "n"),
        ("Shall login", "n"), ("with a key", "n"), ("Make these changes", "y"), ("Which service stays", ""),
    ]:  # fmt: skip
        child.expect(question)
        shown += child.before
        if question == "Which service stays":
            assert snapshot() == before
        child.sendline(answer)
    child.expect("[Pp]assword: ")
    child.sendline(PASSWORD)
    child.expect("the way in works")
    child.expect("Who makes the test login")
    child.sendline("alice")
    log_in(child)
    child.expect("the test login works")
    text, status = duet.finish(child)
    assert status == 0, text
    shown += text
    assert facts["secret_key"] not in shown
    assert f"+auth       required     {duet.MODULE}" in shown and "+AuthenticationMethods keyboard-interactive" in shown

    secret = pathlib.Path("/etc/duet/secret_key")
    assert secret.read_text() == facts["secret_key"] + "\n" and secret.stat().st_mode & 0o777 == 0o600
    assert secret.owner() == "duet"
    assert facts["secret_key"] not in pathlib.Path("/etc/duet/duet.toml").read_text()
    run("config", "check")
    for service in ("sshd", "sudo", "sudo-i"):
        assert pathlib.Path("/etc/pam.d", service).read_text().count("# BEGIN duet") == 1
    assert pathlib.Path("/etc/pam.d/login").read_bytes() == before["/etc/pam.d/login"][0]
    effective = subprocess.run(["/usr/sbin/sshd", "-T"], capture_output=True, text=True, check=True).stdout
    assert "passwordauthentication no" in effective and "authenticationmethods keyboard-interactive" in effective

    assert "as before: /etc/pam.d/sshd" in run("setup", "--undo")
    assert snapshot() == before
    assert "nothing to undo" in run("setup", "--undo", code=2)


def test_what_cannot_be_right_is_asked_again_and_what_duo_refuses_can_be_kept_in_part(admin):
    before = snapshot()
    facts = admin.simulator.facts
    child = wizard("--module", duet.MODULE, "--ca-file", facts["ca_file"])
    for question, answer in [
        ("Integration key", "DIXXX"), ("must be DI and 18", facts["integration_key"]),
        ("API host", "https://" + facts["api_host"] + "/"), ("a host's name alone", facts["api_host"]),
        ("Secret key", "short"), ("this has 5 characters", None), ("Secret key", "wrong" * 8),
        ("refused the signature", ""), ("Integration key.*\\[DI", ""), ("API host.*\\[localhost", ""),
        ("Enter keeps the one before", facts["secret_key"]), ("Duo accepts the credentials", None),
        ("Shall sshd", "n"), ("Shall sudo", "y"), ("Shall su ", "n"), ("Shall login", "n"), ("Make these changes", "y"),
        ("Which service stays", "login"), ("Who shows that it works", "alice"), ("[Pp]assword: ", "wrong"),
        ("Try again", "n"),
    ]:  # fmt: skip
        child.expect(question)
        if answer is not None:
            child.sendline(answer)
    text, status = duet.finish(child)
    assert status == 2 and "nothing was changed; --way-in-user" in text, text
    assert snapshot() == before and not BACKUP.exists()


@pytest.mark.parametrize(
    "change, said",
    [({"secret_key_file": "other-key"}, "secret key"), ({"integration_key": "DI" + "0" * 18}, "integration key"),
     ({"api_host": "localhost:1"}, "port")],
)  # fmt: skip
def test_nothing_is_written_when_duo_does_not_accept_the_credentials(admin, change, said):
    (admin.folder / "other-key").write_text("0" * 40)
    if "secret_key_file" in change:
        change = {"secret_key_file": admin.folder / "other-key"}
    before = snapshot()
    text = run(
        "setup", "--yes", "--module", duet.MODULE, "--service", "sudo-duet", "--no-way-in", "--no-test-login",
        *credentials(admin, **change), code=2,
    )  # fmt: skip
    assert said in text and "nothing was changed" in text
    assert snapshot() == before and not BACKUP.exists()


def test_a_test_login_that_fails_puts_everything_back(admin):
    before = snapshot()
    child = wizard(*automatic(admin, "--no-way-in", "--test-user", "preauth-deny")[1:])
    child.expect("[Pp]assword: ")
    child.sendline(PASSWORD)
    child.expect("everything is as it was before")
    text, status = duet.finish(child)
    assert status == 2, text
    assert snapshot() == before


def test_a_later_setup_that_fails_leaves_the_earlier_one_in_force(admin):
    run(*automatic(admin, "--no-way-in", "--no-test-login"))
    between = snapshot()
    more = automatic(admin, "--ssh", "password", "--no-way-in", "--test-user", "preauth-deny", services=("sshd",))
    child = wizard(*more[1:])
    child.expect("[Pp]assword: ")
    child.sendline(PASSWORD)
    child.expect("everything is as it was before")
    text, status = duet.finish(child)
    assert status == 2, text
    assert snapshot() == between
    assert "# BEGIN duet" in pathlib.Path("/etc/pam.d/sudo-duet").read_text()
    run("setup", "--undo")


def test_a_way_in_that_does_not_work_stops_setup(admin):
    before = snapshot()
    child = wizard(*automatic(admin, "--way-in", "login", "--way-in-user", "alice", "--no-test-login")[1:])
    child.expect("[Pp]assword: ")
    child.sendline("wrong")
    text, status = duet.finish(child)
    assert status == 2 and "the way in failed" in text, text
    assert snapshot() == before
    text = run(*automatic(admin, "--way-in", "sudo-duet", "--no-test-login"), code=2)
    assert "it is no way in" in text
    assert "--yes needs --way-in" in run(*automatic(admin, "--no-test-login"), code=2)


def test_dry_run_shows_the_change_and_makes_none(admin):
    before = snapshot()
    text = run(*automatic(admin, "--dry-run"))
    assert "+++ /etc/pam.d/sudo-duet" in text and "+# BEGIN duet" in text
    assert snapshot() == before and not BACKUP.exists()


def test_sudo_asks_duet_after_setup(admin):
    run(*automatic(admin, "--no-way-in", "--no-test-login"))
    child = duet.sudo("alice", "id", "-un")
    child.expect("password for alice: ")
    child.sendline("wrong")
    child.expect("Sorry, try again")
    child.expect("password for alice: ")
    child.sendline(PASSWORD)
    child.expect(MENU)
    child.sendline("100001")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text
    assert len(admin.simulator.requests("/auth/v2/preauth")) == 1, "a wrong password must not reach Duo"
    assert "asks Duet already" in run("setup", "--yes", "--service", "sudo-duet", "--no-way-in", "--no-test-login")


def test_sshd_with_keys_asks_pam_for_duet_alone(admin):
    run(*automatic(admin, "--ssh", "key", "--no-way-in", "--no-test-login", services=["sshd"]))
    text = pathlib.Path("/etc/pam.d/sshd").read_text()
    assert "# was: @include common-auth\n" in text
    assert "AuthenticationMethods publickey,keyboard-interactive" in pathlib.Path("/etc/ssh/sshd_config").read_text()
    findings = doctor()
    assert [f["result"] for f in findings["PAM order"] if f["text"].startswith("sshd:")] == ["ok"], findings


def test_without_a_confirmation_everything_is_put_back_by_itself(admin):
    before = snapshot()
    run(*automatic(admin, "--no-way-in", "--no-test-login", "--rollback-in", "10s"))
    assert snapshot() != before
    assert "an earlier setup waits" in run(*automatic(admin, "--no-way-in", "--no-test-login"), code=2)
    assert any("not confirmed" in f["text"] for f in doctor()["setup"])
    duet.wait_for("the way back", lambda: snapshot() == before, within=40)
    assert "nothing waits" in run("setup", "--confirm", code=2)


def test_credentials_alone_are_tried_and_put_back_too(admin):
    run(*automatic(admin, "--no-way-in", "--no-test-login"))
    # The same keys take the place of what an administrator has written there.
    configuration = pathlib.Path("/etc/duet/duet.toml")
    configuration.write_text(configuration.read_text() + "# of an administrator\n")
    before = snapshot()
    said = run(*automatic(admin, "--no-way-in"), code=2)
    assert "--yes needs --test-user NAME" in said and snapshot() == before, said
    run(*automatic(admin, "--no-way-in", "--no-test-login", "--rollback-in", "10s"))
    assert snapshot() != before
    duet.wait_for("the way back", lambda: snapshot() == before, within=40)
    run("setup", "--undo")


def test_what_is_confirmed_stays(admin):
    run(*automatic(admin, "--no-way-in", "--no-test-login", "--rollback-in", "10s"))
    after = snapshot()
    assert "kept" in run("setup", "--confirm")
    end = time.monotonic() + 13  # past the moment at which it would have been put back
    while time.monotonic() < end:
        assert snapshot() == after
        time.sleep(0.5)
    run("setup", "--undo")


# Doctor


def doctor(*arguments):
    """The findings of each check."""
    result = subprocess.run(
        [duet.BIN / "duet", "doctor", "--json", *map(str, arguments)], capture_output=True, text=True, timeout=120,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    report = json.loads(result.stdout)
    assert result.returncode == min(125, report["failures"]), result
    findings = {}
    for finding in report["findings"]:
        assert finding["result"] not in ("warning", "failure") or finding["mend"], finding
        findings.setdefault(finding["check"], []).append(finding)
    return findings


def results(findings, check):
    return [f["result"] for f in findings[check]]


def test_doctor_finds_nothing_wrong_after_setup(admin):
    run(*automatic(admin, "--ssh", "password", "--no-way-in", "--no-test-login", services=["sshd", "sudo"]))
    findings = doctor()
    wrong = [f for check in findings.values() for f in check if f["result"] == "failure"]
    assert not wrong, wrong
    for check in ("module", "PAM order", "module options", "sshd", "daemon", "user duet", "configuration", "file modes", "Duo"):
        assert set(results(findings, check)) == {"ok"}, findings[check]
    said = " ".join(f["text"] for f in findings["if Duo is down"])
    assert "root to sshd over the network: is refused" in said and "without Duo" in said


def test_doctor_without_a_daemon(admin):
    run(*automatic(admin, "--no-way-in", "--no-test-login"))
    admin.daemon.stop()
    findings = doctor()
    assert results(findings, "daemon") == ["failure"]
    assert "systemctl" in findings["daemon"][0]["mend"]


def test_doctor_says_what_the_daemon_does_not_know_yet(admin):
    file = admin.daemon.configuration
    assert results(doctor("--configuration", file), "daemon") == ["ok"]
    time.sleep(3)  # the file is dated in whole seconds
    good = file.read_text()
    file.write_text(good + "\n")
    finding = doctor("--configuration", file)["daemon"][0]
    assert finding["result"] == "warning" and "has changed since duetd read it" in finding["text"], finding
    file.write_text(good + "[login]\nfial = 1\n")
    run("reload", code=2)
    finding = doctor("--configuration", file)["daemon"][0]
    assert "an older configuration is in force" in finding["text"] and "duet reload" in finding["mend"], finding
    file.write_text(good)
    run("reload")
    assert results(doctor("--configuration", file), "daemon") == ["ok"]


def test_doctor_sees_a_wrong_key_and_a_clock_that_is_off(admin):
    run(*automatic(admin, "--no-way-in", "--no-test-login"))
    admin.simulator.ask("skew", seconds=600)
    findings = doctor()
    assert "warning" in results(findings, "Duo") and "600 s" in str(findings["Duo"]), findings["Duo"]
    pathlib.Path("/etc/duet/secret_key").write_text("0" * 40)
    findings = doctor()
    assert "failure" in results(findings, "Duo") and "secret key" in str(findings["Duo"]), findings["Duo"]
