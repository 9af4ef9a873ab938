"""The last of all: what was searched for secrets while everything else ran, and that a secret would have been found.

The search itself is in canary.py; every test that leaks fails by itself."""

import http.server
import re
import socket
import threading

import pytest

import canary
import duet
from test_cli import run
from test_ssh import at_menu, refused, shell_opens

PROXY_PASSWORD = "pr0xy-canary-5d1e"
WRONG_KEY = "wrongkeywrongkeywrongkeywrongkeywrongkey"


def test_a_login_by_passcode_leaves_no_secret(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("100001")
    shell_opens(child)
    cloud.daemon.wait_decision()
    assert "100001" in canary.secrets and cloud.simulator.facts["secret_key"] in canary.secrets


def test_a_wrong_passcode_leaves_none_either(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    for code in ("900009", "cccccccccccccccccccccccccccccccccccccccccccc", "123456789"):
        child.sendline(code)
        index = child.expect([r": $", r"\$ ", "closed", "denied", "refused"])
        if index:
            break
    child.close()
    cloud.daemon.wait_decision()
    assert {"900009"} <= canary.secrets


class Proxy(http.server.BaseHTTPRequestHandler):
    """One that refuses, and says the credentials again that it was given."""

    def do_CONNECT(self):
        self.send_response(407, f"not {self.headers['Proxy-Authorization']} {PROXY_PASSWORD}")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("is_there", [True, False])
def test_the_password_of_a_proxy_is_nowhere(world, is_there):
    canary.keep(PROXY_PASSWORD)
    server = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    if not is_there:
        server.shutdown()
        server.server_close()
    world.start_daemon(proxy=f"http://hop:{PROXY_PASSWORD}@127.0.0.1:{port}")
    world.start_sshd()
    refused(world.sshd.login("alice"))
    assert "DUET-107" in world.daemon.wait_decision()["cause"]
    run("status", code=1)
    run("check", "--configuration", world.daemon.configuration, code=2)
    run("config", "show", "--configuration", world.daemon.configuration)
    if is_there:
        server.shutdown()
        server.server_close()


def test_a_wrong_key_and_a_configuration_with_errors_show_none(world):
    canary.keep(WRONG_KEY)
    daemon = world.start_daemon(secret_key=WRONG_KEY)
    world.start_sshd()
    refused(world.sshd.login("alice"))
    assert daemon.wait_decision()["reason"] == "duo_unauthorized"
    good = daemon.configuration.read_text()
    key = world.simulator.facts["secret_key"]
    for text in (good.replace(WRONG_KEY, WRONG_KEY + "x"), good.replace(f'"{WRONG_KEY}"', WRONG_KEY), good + f'\nskey = "{key}"\n'):
        daemon.configuration.write_text(text)
        run("reload", code=2)
        run("config", "check", daemon.configuration, code=2)


def test_everything_was_searched_and_a_secret_would_have_been_found(cloud):
    child = at_menu(cloud.sshd.login("alice"))
    child.sendline("100002")
    shell_opens(child)
    cloud.daemon.wait_decision()
    canary.search_daemon(cloud.daemon)
    assert canary.worlds >= 1 and canary.searched >= 8 * canary.daemons, (canary.searched, canary.daemons, canary.worlds)
    assert canary.findings == []
    # Each way in which one could get out is tried with one.
    planted = "100002"
    before = canary.searched
    with cloud.daemon.log_path.open("a") as log:
        log.write(f"duetd[1] debug: the passcode was {planted}\n")
    (cloud.folder / "state" / "leak").write_bytes(b"\0" + cloud.simulator.facts["secret_key"].encode() + b"\0")
    canary.search_daemon(cloud.daemon)
    found, canary.findings[:] = list(canary.findings), []
    cloud.daemon.log_path.write_text(re.sub(r".*the passcode was .*\n", "", cloud.daemon.log_path.read_text()))
    (cloud.folder / "state" / "leak").unlink()
    assert any("duetd.log" in finding and planted in finding for finding in found), found
    assert any("state/leak" in finding for finding in found), found
    assert canary.searched - before >= 8
    assert canary.leaks(f"x={planted}") == [planted] and canary.leaks(f"x=1{planted}") == []
    assert canary.leaks(b"\xff" + cloud.simulator.facts["secret_key"][:20].encode())


def test_it_reads_along_what_duet_prints(cloud):
    # `--help` of a verb that does not exist prints the word itself: a leak as any other.
    canary.keep("c4nary-word-on-the-command-line")
    run("c4nary-word-on-the-command-line", code=64)
    found, canary.findings[:] = list(canary.findings), []
    assert found, "what duet prints was not searched"
    canary.secrets.discard("c4nary-word-on-the-command-line")
