"""What duetd counts, as Prometheus reads it; and the dashboard and the alert rules that go by it."""

import json
import re
import select
import socket
import subprocess
import time

import pytest
import yaml

import duet
import prometheus
from test_ssh import at_menu, shell_opens

PORT = 9464
REMEMBERING = """
[[rule]]
name = "sudo"
when = { service = ["sudo-duet"] }
action = "require"
remember = { scope = "tty", allow = "15m" }

[[rule]]
name = "everything else"
action = "require"
"""


def metrics():
    done = subprocess.run([duet.BIN / "duet", "metrics"], capture_output=True, text=True, timeout=duet.PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask(request, port=PORT, host="127.0.0.1"):
    """The whole answer to raw bytes."""
    with socket.create_connection((host, port), timeout=duet.PATIENCE) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode()


def scrape(**where):
    head, _, body = ask(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", **where).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n"), head
    assert "Content-Type: text/plain; version=0.0.4; charset=utf-8" in head
    assert f"Content-Length: {len(body.encode())}" in head
    return body


def login(world, answer=None, passcode=None):
    count = len(world.daemon.decisions())
    child = at_menu(world.sshd.login("alice"))
    child.sendline(passcode or "1")
    if answer:
        world.simulator.answer(answer)
    if answer == "deny":
        duet.finish(child)
    else:
        shell_opens(child)
    return world.daemon.wait_decision(count + 1)


def test_logins_and_requests_are_counted_and_the_format_holds(cloud):
    before = prometheus.parse(metrics())
    assert prometheus.value(before, "duet_logins_in_flight") == 0 and "duet_logins_total" not in before
    login(cloud, passcode="100001")
    login(cloud, answer="approve")
    login(cloud, answer="deny")
    families = prometheus.parse(metrics())
    count = lambda **labels: prometheus.value(families, "duet_logins_total", **labels)  # noqa: E731
    assert count(result="allow", reason="duo_allow", service="sshd-duet") == 2
    assert count(result="deny", reason="duo_deny") == 1 and count() == 3
    calls = lambda **labels: prometheus.value(families, "duet_duo_request_duration_seconds_count", **labels)  # noqa: E731
    assert calls(endpoint="preauth", outcome="ok") == 3 and calls(endpoint="auth") >= 3 and calls(endpoint="ping") >= 1
    assert prometheus.value(families, "duet_duo_up", application="default") == 1
    assert prometheus.value(families, "duet_duo_breaker_open", application="default") == 0
    assert prometheus.value(families, "duet_fail_open_logins_total") == 0
    assert abs(prometheus.value(families, "duet_start_time_seconds") - time.time()) < 300
    report = json.loads(subprocess.run([duet.BIN / "duet", "metrics", "--json"], capture_output=True, check=True).stdout)
    assert prometheus.parse(report["text"]).keys() == families.keys() and "0.0.4" in report["contentType"]


def test_an_outage_that_lets_in_is_counted(world):
    world.start_daemon(login='fail = "open"\nautopush = "off"')
    world.start_sshd()
    world.simulator.stop()
    child = world.sshd.login("alice")
    shell_opens(child)
    world.daemon.wait_decision()
    families = prometheus.parse(metrics())
    assert prometheus.value(families, "duet_fail_open_logins_total") == 1
    assert prometheus.value(families, "duet_logins_total", result="allow", reason="fail_open") == 1
    assert prometheus.value(families, "duet_duo_up", application="default") == 0
    duet.wait_for("the breaker", lambda: prometheus.value(prometheus.parse(metrics()), "duet_duo_breaker_open") == 1)


def test_what_is_remembered_and_what_is_withheld_is_counted(world):
    text = duet.configuration(world.simulator) + "[push]\nmax_denied = 1\n" + REMEMBERING
    world.start_daemon(text)
    world.start_sshd()
    # One terminal, two sudos: asked, then remembered.
    child = at_menu(world.sshd.login("alice"))
    child.sendline("100001")
    child.expect(r"\$ ")
    child.sendline("sudo -k; sudo true; echo first-$?")
    at_menu(child)
    child.sendline("100002")
    child.expect("first-0")
    child.sendline("sudo -k; sudo true; echo second-$?")
    child.expect("second-0")
    child.close()
    families = prometheus.parse(metrics())
    found = {r: prometheus.value(families, "duet_remembered_lookups_total", result=r) for r in ("hit", "miss")}
    assert found == {"hit": 1, "miss": 1} and prometheus.value(families, "duet_remembered_decisions") == 1
    login(world, answer="deny")
    child = world.sshd.login("alice")
    child.expect("[Pp]asscode")
    child.close()
    duet.wait_for(
        "the refusal", lambda: prometheus.value(prometheus.parse(metrics()), "duet_push_refusals_total", reason="denials") == 1
    )


def test_the_control_socket_cannot_be_exhausted(cloud):
    held = []
    for _ in range(80):
        held.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        held[-1].connect(str(duet.CONTROL_SOCKET))
        held[-1].settimeout(duet.PATIENCE)
    login(cloud, passcode="100001")
    for connection in held:
        assert connection.recv(1) == b""
        connection.close()
    assert prometheus.parse(metrics()) and cloud.daemon.running


@pytest.fixture
def listening(world):
    world.start_daemon(duet.configuration(world.simulator) + f'[metrics]\nlisten = "127.0.0.1:{PORT}"\n')
    duet.wait_for("the port", lambda: " metrics host=" in world.daemon.log)
    return world


def test_the_port_says_what_the_verb_says(listening):
    duet.wait_for("the first ping", lambda: "duet_duo_up" in prometheus.parse(metrics()))
    page = prometheus.parse(scrape())
    assert page.keys() == prometheus.parse(metrics()).keys()


@pytest.mark.parametrize(
    "request_bytes, status",
    [
        (b"HEAD /metrics HTTP/1.1\r\n\r\n", "200"), (b"GET / HTTP/1.1\r\n\r\n", "404"),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "405"), (b"\x16\x03\x01\r\n\r\n", "400"),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 9000, "431"),
    ],
)  # fmt: skip
def test_other_requests_are_refused(listening, request_bytes, status):
    answer = ask(request_bytes)
    assert answer.split(" ")[1] == status, answer[:200]


def test_the_port_cannot_be_exhausted(listening):
    # Who says nothing is dropped after some seconds; who comes meanwhile in too great a number, at once.
    held = [socket.create_connection(("127.0.0.1", PORT), timeout=duet.PATIENCE) for _ in range(12)]
    assert prometheus.parse(metrics())
    duet.wait_for("four to be dropped", lambda: len(select.select(held, [], [], 0)[0]) == 4)
    for connection in held:
        assert connection.recv(1) == b""
        connection.close()
    prometheus.parse(scrape())
    assert listening.daemon.running


def test_a_reload_moves_the_port_and_closes_it(listening):
    daemon = listening.daemon
    text = daemon.configuration.read_text()

    def reload(text):
        daemon.configuration.write_text(text)
        subprocess.run([duet.BIN / "duet", "reload"], check=True, timeout=duet.PATIENCE, capture_output=True)

    def refuses(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=duet.PATIENCE).close()
        except ConnectionRefusedError:
            return True
        return False

    reload(text.replace(f"127.0.0.1:{PORT}", f"[::1]:{PORT + 1}"))
    duet.wait_for("the old port to be closed", lambda: refuses(PORT))
    duet.wait_for("the new port", lambda: daemon.log.count(" metrics host=") == 2)
    prometheus.parse(scrape(port=PORT + 1, host="::1"))
    reload(text.partition("[metrics]")[0])
    duet.wait_for("the new port to be closed", lambda: refuses(PORT + 1))


def test_a_port_that_somebody_has_keeps_nobody_from_logging_in(world):
    with socket.create_server(("127.0.0.1", PORT)):
        world.start_daemon(duet.configuration(world.simulator) + f'[metrics]\nlisten = "127.0.0.1:{PORT}"\n')
        world.start_sshd()
        duet.wait_for("the complaint", lambda: "the port for metrics cannot be had" in world.daemon.log)
        login(world, passcode="100001")
    assert world.daemon.log.count("the port for metrics cannot be had") == 1


@pytest.mark.parametrize("listen", ["0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "localhost:9464", "127.0.0.1", "127.0.0.1:80"])
def test_only_the_loopback_is_accepted(world, listen):
    path = world.folder / "check.toml"
    path.write_text(duet.configuration(world.simulator) + f'[metrics]\nlisten = "{listen}"\n')
    path.chmod(0o600)
    done = subprocess.run(
        [duet.BIN / "duet", "config", "check", path], capture_output=True, text=True, timeout=duet.PATIENCE
    )
    assert done.returncode == 2 and '"listen" must' in done.stdout + done.stderr, done


def expressions():
    """Every expression of the dashboard and of the rules, with where it stands."""
    dashboard = json.loads((duet.ROOT / "etc/grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield f"variable {variable['name']}", variable["query"]["query"]
    for group in yaml.safe_load((duet.ROOT / "etc/alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]


def test_the_dashboard_and_the_rules_name_only_what_there_is(cloud):
    login(cloud, passcode="100001")
    duet.wait_for("the first ping", lambda: "duet_duo_up" in prometheus.parse(metrics()))
    families = prometheus.parse(metrics())
    known = {label for family in families.values() for _, labels in family.samples for label, _ in labels}
    used = set()
    for place, expression in expressions():
        names = prometheus.names_in(expression)
        assert names <= families.keys(), (place, names - families.keys())
        assert names or "up{" in expression, place
        used |= names
        for label in re.findall(r"[{,]\s*([a-z_]+)\s*(?:=|!=|=~|!~)", expression):
            assert label in known | {"instance", "job"}, (place, label)
        assert expression.count("(") == expression.count(")") and expression.count("{") == expression.count("}"), place
    # What is counted is shown somewhere; these two are for alerts of one's own.
    assert families.keys() - used <= {"duet_suspended_logins_total"}, families.keys() - used


def test_the_dashboard_and_the_rules_have_the_form_that_their_readers_ask_for():
    dashboard = json.loads((duet.ROOT / "etc/grafana-dashboard.json").read_text())
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= dashboard.keys() and "id" not in dashboard
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not taken & cells and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
    for group in yaml.safe_load((duet.ROOT / "etc/alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
            assert rule["labels"]["severity"] in ("warning", "critical") and {"summary", "description"} <= rule["annotations"].keys()
            assert re.fullmatch(r"[0-9]+[mh]", rule.get("for", "1m"))


@pytest.mark.parametrize(
    "text",
    [
        "a_total 1\n", "# HELP a_total x\n# TYPE a_total counter\n", "# HELP a x\n# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE a gauge\na{x=\"1} 1\n", "# HELP a x\n# TYPE a gauge\na 1", "# HELP a x\n# TYPE a gauge\na one\n",
        "# HELP a x\n# TYPE a gauge\na 1\na 2\n", "# HELP a x\n# TYPE a gauge\nb 1\n",
        '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    ],
)  # fmt: skip
def test_the_reader_of_the_format_refuses_what_is_not_it(text):
    with pytest.raises(prometheus.Malformed):
        prometheus.parse(text)
