"""Pushes that are sent by themselves, pushes with a code, and what a person may do while one is waiting."""

import duet
from test_ssh import at_menu, refused, shell_opens

STANDING = r"Approve on iOS \(XXX-XXX-0100\) and press Enter, or type a passcode: "


def started(world, login):
    world.start_daemon(login=login)
    world.start_sshd()
    return world


def test_ssh_shows_what_to_do_in_the_prompt_while_the_push_is_under_way(world):
    started(world, 'autopush = "auto"')
    child = world.sshd.login("alice")
    child.expect(STANDING)
    world.simulator.answer("approve")
    child.sendline("")
    shell_opens(child)
    assert len(world.simulator.transactions()) == 1


def test_who_presses_enter_too_early_waits_for_the_approval(world):
    started(world, 'autopush = "prompt"')
    child = world.sshd.login("alice")
    child.expect(STANDING)
    child.sendline("")
    duet.wait_for("the push", world.simulator.waiting)
    world.simulator.answer("approve")
    shell_opens(child)


def test_a_passcode_may_be_typed_instead(world):
    started(world, 'autopush = "prompt"')
    child = world.sshd.login("alice")
    child.expect(STANDING)
    child.sendline("999999")
    child.expect(STANDING)
    child.sendline("100001")
    shell_opens(child)
    assert world.daemon.wait_decision()["factor"] == "passcode"


def test_a_push_denied_on_the_phone_ends_the_login(world):
    started(world, 'autopush = "prompt"')
    child = world.sshd.login("alice")
    child.expect(STANDING)
    world.simulator.answer("deny")
    duet.wait_for("the decision", lambda: world.daemon.decisions())
    child.sendline("100001")
    refused(child)
    assert world.daemon.wait_decision()["reason"] == "duo_deny"
    assert len(world.simulator.requests("/auth/v2/auth")) == 1, "the passcode was not sent"


def test_wait_pushes_without_a_question(world):
    started(world, 'autopush = "wait"')
    child = world.sshd.login("alice")
    world.simulator.answer("approve")
    shell_opens(child)


def test_sudo_with_autopush_tells_what_to_do_in_the_prompt(world):
    started(world, 'autopush = "auto"')
    child = duet.sudo("alice", "id", "-un")
    child.expect(STANDING)
    world.simulator.answer("approve")
    child.sendline("")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text


def test_the_code_of_a_verified_push_is_in_a_prompt_of_ssh_and_of_sudo(world):
    started(world, "")
    child = at_menu(world.sshd.login("verified-push-ask"))
    child.sendline("push")
    child.expect("Enter 042 in Duo Mobile on .* and press Enter, or type a passcode: ")
    world.simulator.answer("approve")
    child.sendline("")
    shell_opens(child)
    child = at_menu(duet.sudo("verified-push-ask", "id", "-un"))
    child.sendline("1")
    child.expect("Enter 042 in Duo Mobile")
    world.simulator.answer("approve")
    child.sendline("")
    text, status = duet.finish(child)
    assert status == 0 and "root" in text
