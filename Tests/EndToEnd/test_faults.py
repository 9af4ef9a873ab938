"""The whole fault table: every fault, at every stage, with both fail modes. One login for each; see docs/faults.md."""

import contextlib
import difflib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unicodedata
import warnings

import pytest

import duet
import faultproxy
import faulttable

DOCUMENT = duet.ROOT / "docs/faults.md"

# ---- the rule, said without the daemon's words ----
#
# Only "Duo cannot be reached" at or before preauth may follow the fail mode. Everything else denies: a certificate that
# is not valid, a TLS that is none, a connection that breaks off, an answer that is not understood.
# "Cannot be reached" is one of four: DNS, connect, timeout, 5xx. What is not named here is none of them.
CANNOT_BE_REACHED = {
    ("dns", "NXDOMAIN"): "DNS",
    ("dns", "SERVFAIL"): "DNS",
    ("dns", "a resolver that drops everything"): "DNS",
    ("connect", "refused"): "connect",
    ("connect", "black hole"): "timeout",
    ("tls", "half-open: accepts, then silence"): "timeout",
    ("tls", "200 bytes/s"): "timeout",  # 20 s for the certificates alone
    ("preauth", "half-open: the request is read, then silence"): "timeout",
    ("preauth", "500"): "5xx",
    ("preauth", "503"): "5xx",
}
# What a login survives, because the person approves it: it is only slowed down, or it is a question that may be asked
# again. A request for a factor may not.
SURVIVED = {
    ("dns", "2 s delay"),
    ("tls", "2 s delay"),
    ("preauth", faultproxy.ONCE),
    ("auth_status", faultproxy.ONCE),
} | {(stage, fault) for stage in faulttable.PATHS for fault in ("2 s delay", "200 bytes/s")}


def must_succeed(row):
    return (row.stage, row.fault) in SURVIVED or (may_follow(row) and row.fail == "open")


def may_follow(row):
    return (row.stage, row.fault) in CANNOT_BE_REACHED


@pytest.fixture(scope="module")
def bench():
    subprocess.run(["useradd", "--no-create-home", faulttable.USER], check=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-faults-"))
    folder.chmod(0o755)
    simulator = duet.Simulator(folder)
    bench = faulttable.Bench(folder, simulator)
    yield bench
    bench.close()
    simulator.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def results(bench):
    """The table. With DUET_WRITE_FAULTS=1 it is written even when it breaks the rule: then one sees how."""
    results = faulttable.run_all(bench)
    if os.environ.get("DUET_WRITE_FAULTS") == "1":
        DOCUMENT.write_text(faulttable.markdown(results))
    return results


def hold(results, judge):
    """Fails with every row that `judge` has something to say about."""
    found = [(result, judge(result)) for result in results]
    lines = [
        f"{r.row.stage}: {r.row.fault}, fail = {r.row.fail}: {what}: {r.pam} after {r.seconds:.2f} s, "
        f"{r.level} {r.decision['reason']} {r.decision.get('cause', '')}"
        for r, what in found
        if what
    ]
    if lines:
        pytest.fail(f"{len(lines)} of {len(found)} rows:\n" + "\n".join(lines), pytrace=False)


def test_only_a_duo_that_cannot_be_reached_before_preauth_is_over_may_follow_the_fail_mode(results):
    known = {(result.row.stage, result.row.fault) for result in results}
    assert not (set(CANNOT_BE_REACHED) | SURVIVED) - known, "the rule names a fault that is not in the table"
    assert len(results) == 2 * len(known) > 200

    def judge(result):
        succeeded = result.pam == "PAM_SUCCESS"
        if must_succeed(result.row) != succeeded:
            return "let in" if succeeded else "refused"
        # No weaker word: PAM_IGNORE leaves it to others, PAM_AUTH_ERR has sudo ask again, with another push.
        if not succeeded and result.pam != ("PAM_MAXTRIES" if result.row.stage == "auth in sshd" else "PAM_ABORT"):
            return "refused, but not for good"
        if succeeded and not may_follow(result.row) and not result.approved:
            return "let in, but the phone approved nothing"
        return None

    hold(results, judge)


def test_a_duo_that_cannot_be_reached_refuses_within_5_5_s_and_says_so(results):
    def judge(result):
        if not may_follow(result.row) or result.row.fail == "open":
            return None
        if result.seconds > 5.5:
            return "took too long"
        return None if len(result.seen) == 1 and "Duo cannot be reached" in result.seen[0] else "does not say so"

    hold(results, judge)


def test_nobody_is_refused_without_a_word(results):
    def judge(result):
        if result.pam == "PAM_SUCCESS":
            return None
        return None if result.seen and all(len(line) < 200 for line in result.seen) else f"said {result.seen}"

    hold(results, judge)


def test_one_auth_request_leaves_whatever_becomes_of_it(results):
    def expected(row):
        if row.stage in ("dns", "connect", "tls", "preauth"):
            return 1 if (row.stage, row.fault) in SURVIVED else 0
        return 0 if row.stage != "auth_status" and row.is_of_connection else 1

    def judge(result):
        return None if result.auth_requests == expected(result.row) else f"{result.auth_requests} requests"

    hold(results, judge)


def test_nothing_of_what_a_fault_sends_controls_a_terminal_or_a_log(results):
    def judge(result):
        for name, data in (("terminal", result.terminal.replace(b"\r\n", b"\n")), ("log", result.log)):
            try:
                text = data.decode()
            except UnicodeDecodeError:
                return f"the {name} got bytes that are no text"
            controls = {c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
            if controls:
                return f"the {name} got {controls}"
        lines = result.log.decode().splitlines()
        if any(not re.match(r"duetd\[\d+\] [a-z]+: ", line) for line in lines):
            return "a log line that is not the daemon's"
        if sum(bool(re.match(r"duetd\[\d+\] [a-z]+: login decided ", line)) for line in lines) != result.runs:
            return "not one record for one login"
        return None

    hold(results, judge)


def test_the_table_in_the_documentation_is_what_happens(results):
    committed = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    happens = faulttable.markdown(results)
    lines = [text.splitlines(True) for text in (committed, happens)]
    difference = "".join(difflib.unified_diff(*lines, "docs/faults.md", "what happens", n=0))
    assert not difference, f"docs/faults.md is not what happens; if it should be: make faults\n{difference}"


# ---- are the faults what they are called? ----


def offered(bench, fault):
    """A proxy whose connections have `fault`."""
    proxy = faultproxy.FaultProxy(bench.simulator.facts, bench.certificates)
    proxy.break_connections(fault)
    return contextlib.closing(proxy)


def test_a_black_hole_never_answers_a_connect(bench):
    with offered(bench, "black hole") as proxy:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", proxy.port), timeout=1.5)
        assert time.monotonic() - start > 1.4
        proxy.heal()
        socket.create_connection(("127.0.0.1", proxy.port), timeout=duet.PATIENCE).close()


@pytest.mark.parametrize("fault", ["wrong host", "wrong CA", "expired", "self-signed", "TLS 1.1 only", "good"])
def test_a_certificate_has_the_one_fault_that_it_is_named_for(bench, fault):
    context = ssl.create_default_context(cafile=bench.simulator.facts["ca_file"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    why = {
        "wrong host": "Hostname mismatch", "wrong CA": "unable to get local issuer", "expired": "has expired",
        "self-signed": "self-signed",
    }.get(fault)  # fmt: skip
    with offered(bench, fault) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        if why:
            with pytest.raises(ssl.SSLCertVerificationError, match=why):
                context.wrap_socket(connection, server_hostname=faulttable.HOST)
            return
        with context.wrap_socket(connection, server_hostname=faulttable.HOST) as tls:
            assert (tls.version() == "TLSv1.1") == (fault == "TLS 1.1 only")


def test_the_name_server_was_asked_for_every_name(bench, results):
    assert {name for name, _ in faulttable.DNS_FAULTS.values()} <= bench.names.asked
