"""Duo is asked while the password is typed: sshd and sudo with a line that prefetches."""

import re

import duet
import hosts
import prometheus
from test_metrics import metrics

STACK = "auth optional pam_duet.so prefetch\n" + hosts.PASSWORD_THEN_DUET
PREAUTH = "/auth/v2/preauth"


def asked_ahead(world, count=1):
    """Duo has been asked so often, and nobody has typed anything."""
    duet.wait_for("a preauth", lambda: len(world.simulator.requests(PREAUTH)) >= count)
    assert len(world.simulator.requests(PREAUTH)) == count


def test_sshd_asks_duo_before_the_password_and_once_a_login(world):
    world.start_daemon()
    for login in (1, 2):
        attempt = hosts.Attempt(hosts.SSH, world, STACK)
        attempt.child.expect(hosts.FIRST)
        asked_ahead(world, login)
        # The login that follows is served by it; the one after that is not, and asks anew.
        attempt.child.sendline(hosts.PASSWORD)
        attempt.push("approve").is_let_in()
        assert len(world.simulator.requests(PREAUTH)) == login
        assert world.daemon.wait_decision(login)["result"] == "allow"


def test_a_wrong_password_causes_no_push_and_no_second_question(world):
    world.start_daemon()
    attempt = hosts.Attempt(hosts.SSH, world, STACK)
    attempt.child.expect(hosts.FIRST)
    asked_ahead(world)
    attempt.child.sendline("wrong")
    attempt.is_refused()
    assert not world.simulator.transactions()
    assert not world.simulator.requests("/auth/v2/auth")
    assert not world.daemon.decisions()


def test_whoever_hangs_up_at_the_password_causes_no_push(world):
    world.start_daemon()
    attempt = hosts.Attempt(hosts.SSH, world, STACK)
    attempt.child.expect(hosts.FIRST)
    asked_ahead(world)
    attempt.close()
    # The next one has a process of its own, and so an answer of its own.
    attempt = hosts.Attempt(hosts.SSH, world, STACK)
    attempt.child.expect(hosts.FIRST)
    asked_ahead(world, 2)
    attempt.child.sendline(hosts.PASSWORD)
    attempt.push("approve").is_let_in()
    assert len(world.simulator.requests(PREAUTH)) == 2


def test_sudo_asks_duo_before_the_password(world):
    world.start_daemon()
    attempt = hosts.Attempt(hosts.SUDO, world, STACK)
    attempt.child.expect(hosts.FIRST)
    asked_ahead(world)
    attempt.child.sendline(hosts.PASSWORD)
    attempt.push("approve").is_let_in()
    assert len(world.simulator.requests(PREAUTH)) == 1


def test_a_denial_still_denies(world):
    world.start_daemon()
    attempt = hosts.Attempt(hosts.SSH, world, STACK).password()
    attempt.push("deny").is_refused()
    assert world.daemon.wait_decision()["reason"] == "duo_deny"


def test_the_line_alone_lets_nobody_in_and_a_daemon_that_is_away_changes_nothing(world):
    # No daemon: the prefetch says nothing, the login refuses.
    attempt = hosts.Attempt(hosts.SSH, world, STACK).password()
    attempt.is_refused()


def test_fraud_on_a_push_whose_login_hung_up_is_heard(world):
    world.start_daemon()
    attempt = hosts.Attempt(hosts.SSH, world, hosts.PASSWORD_THEN_DUET).password().menu("1")
    duet.wait_for("the push", world.simulator.waiting)
    attempt.close()
    assert world.daemon.wait_decision()["reason"] == "abandoned"
    world.simulator.answer("fraud")
    late = r"a push or call was refused after its login had gone .*login=(\w+) .*reason=duo_fraud result=deny .*user=alice"
    duet.wait_for("the fraud to be heard", lambda: re.search(late, world.daemon.log))
    assert re.search(late, world.daemon.log)[1] == world.daemon.decisions()[0]["login"]
    families = prometheus.parse(metrics())
    assert prometheus.value(families, "duet_late_refusals_total", answer="fraud") == 1
    assert prometheus.value(families, "duet_fraud_logins_total") == 1
    assert prometheus.value(families, "duet_logins_total") == prometheus.value(families, "duet_logins_total", reason="abandoned")
    attempt = hosts.Attempt(hosts.SSH, world, hosts.PASSWORD_THEN_DUET).password()
    attempt.child.expect("Pushes and calls have stopped")
    attempt.close()
