"""What is left of a login: in the journal, in syslog, in a file; and one search that finds it everywhere, Duo's log included."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.parse

import pytest

import duet
import hostlog
from test_ssh import at_menu, refused, shell_opens

RULE = '[[rule]]\nname = "everybody"\naction = "require"\n'


@pytest.fixture(scope="module", autouse=True)
def dev():
    hostlog.private_dev()
    yield
    subprocess.run(["umount", "-l", "/dev"], check=True)


@pytest.fixture
def journal():
    journal = hostlog.Journal()
    yield journal
    journal.close()


@pytest.fixture
def syslog():
    syslog = hostlog.Syslog()
    yield syslog
    syslog.close()


def start(world, text=None, in_journal=False):
    """A daemon; `in_journal`: its standard error is a stream to the journal, as systemd sets it up."""
    environment = dict(os.environ)
    if in_journal:
        log = world.folder / "duetd.log"
        log.touch()
        environment["JOURNAL_STREAM"] = f"{log.stat().st_dev}:{log.stat().st_ino}"
    text = text or duet.configuration(world.simulator) + RULE
    world.daemon = duet.Daemon(world.folder, text, env=environment)
    world.processes.append(world.daemon)
    duet.wait_for("duetd to listen", lambda: "ready version=" in world.daemon.log)
    world.start_sshd()
    return world.daemon


def login(world, answer="approve"):
    child = at_menu(world.sshd.login("alice"))
    child.sendline("1")
    world.simulator.answer(answer)
    if answer == "approve":
        shell_opens(child)
    else:
        duet.finish(child)


def decided(journal, count=1):
    duet.wait_for(f"{count} records", lambda: len(journal.records(SYSLOG_IDENTIFIER="duetd")) >= count)
    return journal.records(SYSLOG_IDENTIFIER="duetd")[count - 1]


@pytest.mark.parametrize("answer, result, word", [("approve", "allow", "allowed"), ("deny", "deny", "refused")])
def test_one_search_follows_a_login_through_daemon_module_and_duo(world, journal, syslog, answer, result, word):
    start(world, in_journal=True)
    login(world, answer)
    record = decided(journal)
    assert record["DUET_RESULT"] == result and record["DUET_USER"] == "alice"
    login_id = record["DUET_LOGIN_ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", login_id)
    # The module's line, from inside sshd.
    duet.wait_for("the module's line", lambda: syslog.lines(login_id))
    (line,) = syslog.lines(login_id)
    assert f"pam_duet(sshd-duet:auth): login {login_id} {word}: {record['DUET_REASON']}, user=alice" in line
    # What Duo shows on the phone and keeps in its log.
    (request,) = world.simulator.requests("/auth/v2/auth")
    assert urllib.parse.parse_qs(request["parameters"]["pushinfo"])["Login"] == [login_id]


def test_a_record_has_every_fact_in_a_field_of_its_own(world, journal, syslog):
    daemon = start(world, in_journal=True)
    begun = time.time()
    login(world)
    record = decided(journal)
    expected = {
        "PRIORITY": "5", "SYSLOG_IDENTIFIER": "duetd", "SYSLOG_PID": str(daemon.child.pid), "SYSLOG_FACILITY": "10",
        "DUET_KIND": "allowed", "DUET_REASON": "duo_allow", "DUET_USER": "alice", "DUET_DUO_USER": "alice",
        "DUET_SERVICE": "sshd-duet", "DUET_RHOST": "127.0.0.1", "DUET_CALLER": "0", "DUET_RULE": "everybody", "DUET_FACTOR": "push",
    }  # fmt: skip
    assert record | expected == record
    assert re.fullmatch(r"[0-9a-f]{32}", record["MESSAGE_ID"]) and record["MESSAGE"].startswith("login decided ")
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
    assert stamp.fullmatch(record["DUET_BEGAN"]) and stamp.fullmatch(record["DUET_ENDED"])
    assert record["DUET_BEGAN"] < record["DUET_ENDED"]
    assert 0 < int(record["DUET_ELAPSED_MS"]) <= (time.time() - begun) * 1000 + 1
    # Where the journal reads standard error, the record is not there a second time, nor in syslog.
    assert "login decided" not in daemon.log and not syslog.lines("login decided")


def test_the_kind_has_its_number_and_its_priority(world, journal):
    text = duet.configuration(world.simulator, 'fail = "open"\nautopush = "off"')
    start(world, text, in_journal=True)
    world.simulator.stop()
    shell_opens(world.sshd.login("alice"))
    record = decided(journal)
    assert record["DUET_KIND"] == "fail_open" and record["PRIORITY"] == "1" and record["DUET_CAUSE"].startswith("DUET-10")
    catalog = (duet.ROOT / "etc/duet.catalog").read_text()
    entry = catalog.partition(f"-- {record['MESSAGE_ID']}\n")[2].partition("\n-- ")[0]
    assert entry.startswith("Subject: @DUET_USER@ was let in WITHOUT a second factor")


def test_every_field_of_the_catalog_and_of_the_manual_is_one_of_a_record(world, journal):
    start(world, in_journal=True)
    login(world)
    known = set(decided(journal)) | {"DUET_CAUSE", "DUET_TTY", "DUET_REMEMBERED", "DUET_TRIAL"}
    catalog = set(re.findall(r"@([A-Z_]+)@", (duet.ROOT / "etc/duet.catalog").read_text()))
    assert catalog <= known, catalog - known
    manual = set(re.findall(r"`(DUET_[A-Z_]+)`", (duet.ROOT / "docs/operations.md").read_text()))
    assert {name for name in known if name.startswith("DUET_")} == manual


def test_systemd_reads_the_catalog(world):
    root = world.folder / "root"
    folder = root / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    (root / "var/lib/systemd/catalog").mkdir(parents=True)
    (folder / "duet.catalog").write_text((duet.ROOT / "etc/duet.catalog").read_text())
    done = subprocess.run(["journalctl", f"--root={root}", "--update-catalog"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "rror" not in done.stderr, done
    listed = subprocess.run(["journalctl", f"--root={root}", "--list-catalog"], capture_output=True, text=True, check=True).stdout
    assert len(listed.split("\n")) - 1 == 11, listed


def test_by_hand_a_record_is_in_both_logs(world, journal):
    daemon = start(world)
    login(world)
    assert decided(journal)["DUET_RESULT"] == "allow"
    assert daemon.wait_decision()["login"] == decided(journal)["DUET_LOGIN_ID"]


def test_without_a_journal_it_goes_to_syslog(world, syslog):
    daemon = start(world)
    login(world)
    duet.wait_for("the line", lambda: syslog.lines("login decided"))
    (line,) = syslog.lines("login decided")
    form = rf"<85>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d duetd\[{daemon.child.pid}\]: login decided caller=0 .* user=alice"
    assert re.fullmatch(form, line), line
    assert daemon.decisions()


def test_without_either_it_is_on_standard_error_even_if_the_journal_should_read_it(world):
    daemon = start(world, in_journal=True)
    login(world)
    duet.wait_for("the line", lambda: "<5>login decided" in daemon.log)


def test_a_journal_that_comes_back_gets_the_next_record(world):
    daemon = start(world, in_journal=True)
    login(world)
    duet.wait_for("the line", lambda: "<5>login decided" in daemon.log)
    journal = hostlog.Journal()
    try:
        login(world)
        assert decided(journal)["DUET_RESULT"] == "allow" and daemon.log.count("login decided") == 1
    finally:
        journal.close()


# ---- The file ----


def with_file(world, path):
    return duet.configuration(world.simulator) + f'[log]\naudit_file = "{path}"\n'


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def wait_lines(path, count):
    duet.wait_for(f"{count} lines in {path.name}", lambda: len(lines(path)) >= count)
    return lines(path)


def test_the_file_has_one_line_for_each_decision(world):
    path = world.folder / "audit.jsonl"
    daemon = start(world, with_file(world, path))
    login(world)
    login(world, "deny")
    allowed, denied = wait_lines(path, 2)
    assert path.stat().st_mode & 0o7777 == 0o640
    assert (allowed["result"], denied["result"]) == ("allow", "deny")
    wanted = {"user": "alice", "service": "sshd-duet", "rhost": "127.0.0.1", "factor": "push", "kind": "allowed", "caller": 0}
    assert allowed | wanted == allowed and re.fullmatch(r"20\d\d-.*\.\d{3}Z", allowed["time"])
    assert [d["login"] for d in daemon.decisions()] == [allowed["login"], denied["login"]]


@pytest.mark.parametrize("how", ["SIGHUP", "duet reload", "duet reload of a file with errors"])
def test_the_file_is_opened_anew_at_every_reload(world, how):
    path, moved = world.folder / "audit.jsonl", world.folder / "audit.jsonl.1"
    daemon = start(world, with_file(world, path))
    login(world)
    wait_lines(path, 1)
    path.rename(moved)
    login(world)
    wait_lines(moved, 2)
    if how.endswith("errors"):
        daemon.configuration.write_text(daemon.configuration.read_text() + "[nonsense]\n")
    if how == "SIGHUP":
        daemon.child.send_signal(signal.SIGHUP)
    else:
        done = subprocess.run([duet.BIN / "duet", "reload"], capture_output=True, timeout=duet.PATIENCE, check=False)
        assert done.returncode == (2 if how.endswith("errors") else 0)
    duet.wait_for("the new file", path.exists)
    login(world)
    assert len(wait_lines(path, 1)) == 1 and len(lines(moved)) == 2


def test_a_file_that_cannot_be_written_hinders_nobody_and_is_said_once(world):
    folder = world.folder / "missing"
    daemon = start(world, with_file(world, folder / "audit.jsonl"))
    for _ in range(2):
        login(world)
    assert daemon.log.count("the audit file cannot be written") == 1
    metrics = subprocess.run([duet.BIN / "duet", "metrics"], capture_output=True, text=True, check=True).stdout
    assert "\nduet_audit_file_failures_total 3\n" in metrics
    folder.mkdir()
    login(world)
    assert len(wait_lines(folder / "audit.jsonl", 1)) == 1
    duet.wait_for("the good news", lambda: "the audit file is written again" in daemon.log)


def test_a_full_disk_leaves_whole_lines_once_there_is_room(world):
    disk = world.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "duet-full", disk], check=True)
    try:
        path, ballast = disk / "audit.jsonl", disk / "ballast"
        # Most of a page, so that the next few lines cross its end.
        path.write_text(json.dumps({"filler": "x" * 3300}) + "\n")
        daemon = start(world, with_file(world, path))
        login(world)
        wait_lines(path, 2)
        with open(ballast, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        for _ in range(5):
            login(world)
            if "the audit file cannot be written" in daemon.log:
                break
        assert "the audit file cannot be written" in daemon.log
        ballast.unlink()
        login(world)
        duet.wait_for("the good news", lambda: "the audit file is written again" in daemon.log)
        text = path.read_text()
        whole = [line for line in text.splitlines() if line.endswith("}")]
        assert text.endswith("}\n") and len(text.splitlines()) - len(whole) <= 1
        assert json.loads(text.splitlines()[-1])["result"] == "allow"
    finally:
        world.close()
        subprocess.run(["umount", disk], check=True)


def test_a_link_is_not_followed(world):
    path = world.folder / "audit.jsonl"
    path.symlink_to(world.folder / "elsewhere")
    daemon = start(world, with_file(world, path))
    login(world)
    assert "the audit file cannot be written" in daemon.log and not (world.folder / "elsewhere").exists()


def test_refused_logins_are_recorded_too(world, journal):
    start(world, "[duo]\nnonsense = 1\n", in_journal=True)
    refused(world.sshd.login("alice"))
    record = decided(journal)
    assert record["DUET_KIND"] == "trouble" and record["DUET_REASON"] == "not_configured" and record["PRIORITY"] == "3"
