"""Logins through a real sshd with a real ssh client."""

import signal
import time

import pytest

import duet

MENU = r"Passcode or option \(1-\d\): "


def at_menu(child):
    child.expect(MENU)
    return child


def shell_opens(child):
    child.expect(r"\$ ")
    child.sendline("id -un; exit")
    text, status = duet.finish(child)
    assert status == 0, text
    return text


def refused(child):
    """The client ends without a shell; what it said on the way."""
    text, status = duet.finish(child)
    assert status == 255, text
    assert "Permission denied" in text or "Too many" in text or "closed" in text, text
    return text


def test_a_push_that_is_approved_opens_the_shell(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    assert "1. Duo Push to " in child.before
    child.sendline("1")
    cloud.simulator.answer("approve")
    assert "alice" in shell_opens(child)
    decision = cloud.daemon.wait_decision()
    assert decision | {"user": "alice", "service": "sshd-duet", "result": "allow", "reason": "duo_allow",
                       "factor": "push", "rhost": "127.0.0.1", "tty": "ssh"} == decision  # fmt: skip


def test_a_push_says_what_is_being_approved(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("push")
    push = duet.wait_for("the push", cloud.simulator.waiting)
    assert push["user"] == "alice" and push["ipaddr"] == "127.0.0.1"
    for word in ("sshd-duet", "sandbox", "127.0.0.1"):
        assert word in str(push["pushinfo"]), push
    assert "null" not in str(push["pushinfo"])
    cloud.simulator.answer("deny")
    refused(child)


@pytest.mark.parametrize(
    "answer, reason", [("deny", "duo_deny"), ("fraud", "duo_fraud")]
)
def test_a_push_that_is_not_approved_is_refused_and_not_asked_again(cloud, answer, reason):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("1")
    cloud.simulator.answer(answer)
    refused(child)
    decision = cloud.daemon.wait_decision()
    assert (decision["result"], decision["reason"]) == ("deny", reason)
    assert len(cloud.simulator.transactions()) == 1


def test_a_push_that_nobody_answers_times_out(world):
    world.simulator.stop()
    world.start_simulator("--push-timeout", "2")
    world.start_daemon()
    world.start_sshd()
    child = at_menu(world.sshd.login("alice"))
    child.sendline("1")
    # Not the same push twice; everything else is still there.
    at_menu(child)
    assert "timed out" in child.before and "Duo Push to iOS" not in child.before and "Duo Push to Tablet" in child.before
    child.sendline("100001")
    shell_opens(child)
    assert len(world.simulator.transactions()) == 2, "one push and one passcode"


def test_a_right_passcode_opens_the_shell(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("100001")
    shell_opens(child)
    assert cloud.daemon.wait_decision()["factor"] == "passcode"


def test_wrong_passcodes_are_asked_again_by_duet_and_then_by_the_host(world):
    world.start_daemon(login="prompts = 2")
    world.start_sshd()
    child = world.sshd.login("alice", "-o", "NumberOfPasswordPrompts=2")
    for attempt in range(4):
        at_menu(child).sendline("999999")
    text = refused(child)
    assert "Incorrect passcode" in text
    decisions = [world.daemon.wait_decision(n + 1) for n in range(2)]
    assert {d["result"] for d in decisions} == {"retry"}


def test_a_right_passcode_after_a_wrong_one_opens_the_shell(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("999999")
    at_menu(child).sendline("100001")
    shell_opens(child)


def test_a_password_typed_at_the_prompt_is_never_sent_to_duo(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("correct horse battery")
    at_menu(child)
    assert "Please answer with" in child.before
    child.sendline("100001")
    shell_opens(child)
    assert len(cloud.simulator.requests("/auth/v2/auth")) == 1


def test_a_phone_call_that_is_answered_opens_the_shell(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("phone")
    cloud.simulator.answer("approve")
    shell_opens(child)
    assert cloud.daemon.wait_decision()["factor"] == "phone"


def test_a_batch_of_sms_passcodes_is_sent_and_one_of_them_opens_the_shell(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("sms")
    child.expect("Passcode from the SMS: ")
    codes = cloud.simulator.ask("sms_passcodes", user="alice")
    codes = codes["passcodes"] if isinstance(codes, dict) else codes
    child.sendline(codes[0])
    shell_opens(child)
    assert cloud.daemon.wait_decision()["factor"] == "passcode"


def test_duo_may_let_in_without_a_factor(cloud):
    child = cloud.sshd.login("preauth-allow")
    assert "preauth-allow" in shell_opens(child)
    assert cloud.daemon.wait_decision()["reason"] == "duo_bypass"


def test_duo_may_refuse_before_any_factor(cloud):
    refused(cloud.sshd.login("preauth-deny"))
    assert cloud.daemon.wait_decision()["reason"] == "duo_deny"
    assert not cloud.simulator.requests("/auth/v2/auth")


def test_who_has_to_enroll_sees_the_portal_as_text_and_as_a_code(cloud):
    child = cloud.sshd.login("enroll")
    child.expect("Then press Enter: ")
    assert "https://" in child.before, child.before
    rows = [line for line in child.before.splitlines() if "█" in line]
    assert len(rows) > 10 and len({len(row) for row in rows[1:-1]}) == 1, child.before
    child.sendline("")
    refused(child)
    assert cloud.daemon.wait_decision()["reason"] == "duo_enroll"


def test_an_unknown_user_causes_no_request_to_duo(cloud):
    cloud.simulator.ask("clear_requests")
    child = cloud.sshd.login("nobody-knows-me", "-o", "NumberOfPasswordPrompts=1")
    refused(child)
    decision = cloud.daemon.wait_decision()
    assert (decision["result"], decision["reason"]) == ("unknown", "user_unknown")
    assert cloud.simulator.requests() == []


def test_a_key_and_then_duet(world):
    world.start_daemon()
    world.start_sshd(methods="publickey,keyboard-interactive")
    child = at_menu(world.sshd.login("alice"))
    child.sendline("1")
    world.simulator.answer("approve")
    shell_opens(child)


def test_without_the_key_duet_is_not_reached(world, tmp_path):
    world.start_daemon()
    world.start_sshd(methods="publickey,keyboard-interactive")
    refused(world.sshd.login("alice", "-o", "PubkeyAuthentication=no"))
    assert not world.simulator.requests("/auth/v2/preauth")


def test_a_wrong_password_before_duet_causes_no_push(cloud):
    duet.pam_service("sshd-duet", before="auth requisite pam_unix.so\n")
    child = cloud.sshd.login("alice", "-o", "NumberOfPasswordPrompts=1")
    child.expect("[Pp]assword: ")
    child.sendline("wrong")
    refused(child)
    assert not cloud.simulator.requests("/auth/v2/preauth")


def test_the_right_password_and_then_duet(cloud):
    duet.pam_service("sshd-duet", before="auth requisite pam_unix.so\n")
    child = cloud.sshd.login("alice")
    child.expect("[Pp]assword: ")
    child.sendline("first-factor")
    at_menu(child).sendline("100001")
    shell_opens(child)


def test_a_client_that_is_killed_during_a_push_ends_the_login_within_a_second(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("1")
    duet.wait_for("the push", cloud.simulator.waiting)
    child.kill(signal.SIGKILL)
    killed = time.monotonic()
    decision = cloud.daemon.wait_decision(within=1)
    assert decision["reason"] == "abandoned"
    assert time.monotonic() - killed < 1
    duet.approved_too_late(cloud)
    child.close(force=True)


def test_a_client_that_hangs_up_at_the_prompt_is_abandoned(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.kill(signal.SIGKILL)
    assert cloud.daemon.wait_decision(within=2)["reason"] == "abandoned"
    child.close(force=True)


def test_after_a_denial_the_clients_own_password_prompt_leads_nowhere(cloud):
    child = at_menu(cloud.sshd.login("alice", methods="keyboard-interactive,password"))
    child.sendline("1")
    cloud.simulator.answer("deny")
    for _ in range(3):
        child.expect("password: ")
        child.sendline("first-factor")
    refused(child)
    assert len(cloud.daemon.decisions()) == 1 and len(cloud.simulator.transactions()) == 1


def test_texts_from_duo_bring_no_escape_sequence_to_the_terminal(cloud):
    child = cloud.sshd.login("escape-inject")
    child.expect(MENU)
    assert "iOS" in child.before and "\x1b" not in child.before and "\x07" not in child.before, repr(child.before)
    child.sendline("1")
    assert "owned" not in shell_opens(child)
