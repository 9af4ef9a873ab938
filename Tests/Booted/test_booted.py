"""Duet as it is in service: installed as packages, started by systemd, asked by sshd and sudo, crashed, upgraded, removed."""

import json
import re
import threading

import pytest
from machine import duet

UNITS = "duetd.service duetd.socket duetd-control.socket"
MENU = r"Passcode or option \(1-\d\): "
PASSCODES = iter(["100001", "100002", "100003"])  # alice's, each good for one login


def configure(machine, simulator, **duo):
    text = duet.configuration(simulator, secret_key="", ca_file="/etc/duet/ca.pem", **duo)
    text = re.sub('secret_key = ""', 'secret_key_file = "credential:secret_key"', text)
    machine.write("/etc/duet/duet.toml", text)


def daemon(machine):
    """The pid of the daemon that is running, or None."""
    if machine.show("duetd", "ActiveState") != "active":
        return None
    return int(machine.show("duetd", "MainPID")) or None


def new_daemon(machine, old, within=duet.PATIENCE):
    return duet.wait_for("another daemon", lambda: (p := daemon(machine)) and p != old and p, within)


def allowed(machine):
    status, text = machine.login()
    assert status == 0, text


def password(child):
    child.expect("[Pp]assword( for alice)?: ")
    child.sendline("first-factor")
    return child


def at_menu(child):
    password(child).expect(MENU)
    return child


def shell_of_alice(machine):
    child = at_menu(machine.ssh("alice"))
    child.sendline(next(PASSCODES))
    child.expect(r"\$ ")
    return child


def end(child):
    child.sendline("exit")
    return duet.finish(child)


def pam_files(machine):
    return machine.ask("cd /etc/pam.d && sha256sum *")


@pytest.fixture(scope="module")
def untouched(machine):
    """The PAM stacks before the installation."""
    return pam_files(machine)


def test_installing_starts_and_enables_nothing(machine, untouched):
    wants = "find /etc/systemd /run/systemd/system -name '*.wants' | xargs ls -R | sort"
    before = machine.ask(wants)
    machine.run("dpkg --install /packages/*.deb")
    assert pam_files(machine) == untouched
    assert machine.ask(wants) == before
    assert machine.run(f"systemctl is-enabled {UNITS}", check=False).stdout.split() == ["disabled"] * 3
    assert machine.run(f"systemctl is-active {UNITS}", check=False).stdout.split() == ["inactive"] * 3
    assert machine.ask("getent passwd duet").endswith(":/:/usr/sbin/nologin")


def test_the_test_of_the_package_logs_in(machine):
    assert "under systemd" in machine.ask("/packages/login")
    assert machine.ask("find /etc/duet /etc/pam.d -name '*autopkgtest*' -o -path '/etc/duet/*'") == ""


def test_duet_setup_sets_the_installed_packages_up_and_undoes_it(machine, simulator, untouched):
    machine.write("/root/key", simulator.facts["secret_key"] + "\n", mode=0o600)
    machine.write("/root/ca.pem", open(simulator.facts["ca_file"], encoding="utf-8").read())
    machine.run("install -m 0644 /root/ca.pem /etc/duet/ca.pem")
    facts = simulator.facts
    said = machine.ask(
        f"duet setup --yes --integration-key {facts['integration_key']} --api-host {facts['api_host']} "
        "--secret-key-file /root/key --ca-file /etc/duet/ca.pem --service sudo --no-way-in --no-test-login"
    )
    assert machine.show("duetd", "StatusText").startswith("Deciding logins"), said
    assert "pam_duet.so" in machine.ask("cat /etc/pam.d/sudo")
    allowed(machine)
    # The key stays root's, so that it can be replaced as docs/operations.md says: systemd reads it.
    assert 'secret_key_file = "credential:secret_key"' in machine.ask("cat /etc/duet/duet.toml")
    assert machine.ask("stat -c '%a %U' /etc/duet/secret_key") == "600 root"
    machine.run("install -m 0600 /dev/stdin /etc/duet/secret_key", text=facts["secret_key"] + "\n")
    machine.run("systemctl restart duetd && duet check")
    allowed(machine)
    machine.run("duet setup --undo")
    assert pam_files(machine) == untouched
    machine.run(f"systemctl disable --now {UNITS}; rm -r /etc/duet/* /root/key /root/ca.pem")


def test_it_is_enabled_by_one_command_and_says_how_it_is(machine, simulator):
    machine.write("/etc/duet/ca.pem", open(simulator.facts["ca_file"], encoding="utf-8").read())
    machine.write("/etc/duet/secret_key", simulator.facts["secret_key"] + "\n", mode=0o600)
    configure(machine, simulator)
    machine.run("systemctl enable --now duetd")
    assert machine.run(f"systemctl is-enabled {UNITS}").stdout.split() == ["enabled"] * 3
    assert machine.run(f"systemctl is-active {UNITS}").stdout.split() == ["active"] * 3
    assert machine.show("duetd", "StatusText").startswith("Deciding logins")
    for path, owner in {
        "/run/duet": "755 root root", "/run/duet/login.sock": "600 root root",
        "/run/duet/control.sock": "660 root duet-admin", "/run/duetd": "700 duet duet",
    }.items():  # fmt: skip
        assert machine.ask(f"stat -c '%a %U %G' {path}") == owner, path


def test_the_sandbox_is_in_force(machine):
    machine.run("systemd-analyze security --threshold=12 duetd.service")
    status = machine.ask(f"cat /proc/{daemon(machine)}/status")
    for line in (r"CapEff:\s0+$", r"CapBnd:\s0+$", r"NoNewPrivs:\s1$", r"Seccomp:\s2$", r"Groups:\s*\d*\s*$"):
        assert re.search(line, status, re.MULTILINE), (line, status)
    assert machine.ask(f"stat -c %U /proc/{daemon(machine)}") == "duet"
    # As many as the unit says, unless this host grants its machines fewer.
    assert machine.show("duetd", "LimitNOFILE") == "65536"
    assert re.search(r"Max open files\s+(\d+)\s+\1\s", machine.ask(f"cat /proc/{daemon(machine)}/limits"))


def test_it_waits_for_no_network(machine):
    order = machine.ask("systemctl list-dependencies --after --plain duetd.service")
    assert "duetd.socket" in order and not re.search(r"network[a-z-]*\.(target|service)", order), order


def test_a_password_and_a_push_open_ssh_and_the_journal_says_so(machine, simulator):
    machine.run("pam-auth-update --enable duet")
    child = at_menu(machine.ssh("alice"))
    child.sendline("1")
    simulator.answer("approve")
    child.expect(r"\$ ")
    end(child)
    machine.run("journalctl --sync")
    lines = machine.ask("journalctl --no-pager -o json -u duetd.service -g 'login decided'").splitlines()
    record = json.loads(lines[-1])
    uid = machine.ask("id -u duet")
    expected = {"PRIORITY": "5", "_UID": uid, "_SYSTEMD_UNIT": "duetd.service", "SYSLOG_IDENTIFIER": "duetd"}
    assert record | expected == record
    for fact in ("user=alice", "service=sshd", "result=allow", "factor=push", "rhost=127.0.0.1"):
        assert fact in record["MESSAGE"], record["MESSAGE"]
    expected = {"DUET_USER": "alice", "DUET_SERVICE": "sshd", "DUET_RESULT": "allow", "DUET_FACTOR": "push", "DUET_KIND": "allowed"}
    assert record | expected == record
    # One search finds the daemon's record, by its field, and the module's line.
    login = record["DUET_LOGIN_ID"]
    assert json.loads(machine.ask(f"journalctl --no-pager -o json DUET_LOGIN_ID={login}"))["MESSAGE"] == record["MESSAGE"]
    assert f"login {login} allowed" in machine.ask(f"journalctl --no-pager -g {login}")


def test_a_wrong_password_asks_nobody(machine, simulator):
    before = len(simulator.requests())
    child = machine.ssh("alice")
    child.expect("[Pp]assword: ")
    child.sendline("wrong")
    child.expect("[Pp]assword: ")
    child.close()
    assert [r["path"] for r in simulator.requests()[before:] if "ping" not in r["path"]] == []


def test_a_denied_push_denies(machine, simulator):
    child = at_menu(machine.ssh("alice"))
    child.sendline("1")
    simulator.answer("deny")
    text, status = duet.finish(child)
    assert status == 255, text


def test_sudo_takes_a_passcode_and_a_denial(machine, simulator):
    child = shell_of_alice(machine)
    child.sendline("sudo id -un")
    at_menu(child)
    child.sendline(next(PASSCODES))
    child.expect("root\r\n")
    child.expect(r"\$ ")
    child.sendline("sudo id -un")
    at_menu(child)
    child.sendline("1")
    simulator.answer("deny")
    child.expect(r"\$ ")
    assert "root\r\n" not in child.before
    end(child)


def test_only_members_of_duet_admin_may_ask_how_it_is(machine):
    machine.run("usermod --append --groups duet-admin warden")
    ask = "setpriv --reuid={0} --regid={0} --init-groups duet status"
    assert "healthy" in machine.ask(ask.format("warden"))
    assert "healthy" not in machine.run(ask.format("alice"), check=False).stdout


def test_the_tools_of_an_administrator_work_on_the_service(machine):
    machine.run("duet check && duet config check")
    # alice, whom nobody answers for, gets in while Duet is suspended, and only then.
    assert machine.login("alice")[0] != 0
    machine.run("duet disable --for 10m --yes")
    assert machine.login("alice")[0] == 0
    machine.run("duet enable")
    assert machine.login("alice")[0] != 0
    assert "remembered" in machine.ask("duet status") and machine.run("duet reload").returncode == 0


def test_users_of_a_name_service_are_found_through_the_sandbox(machine):
    # preauth-allow, the user of these logins, is in no passwd file: nss-systemd knows him.
    assert machine.run("grep preauth-allow /etc/passwd", check=False).returncode == 1
    allowed(machine)
    assert machine.login("nobody-knows-me")[0] != 0


def test_a_login_starts_a_daemon_that_was_stopped(machine):
    machine.run("systemctl stop duetd.service")
    assert machine.run("systemctl is-active duetd.service", check=False).stdout.strip() == "inactive"
    allowed(machine)
    assert daemon(machine)


def test_what_is_remembered_outlives_a_stop(machine):
    machine.run("touch /run/duetd/kept && systemctl stop duetd.service")
    machine.run("systemctl start duetd.service && rm /run/duetd/kept")


def test_a_login_that_waits_is_told_when_the_daemon_stops(machine, simulator):
    child = at_menu(machine.ssh("alice"))
    child.sendline("1")
    duet.wait_for("the push", simulator.waiting)
    machine.run("systemctl restart duetd.service")
    text, status = duet.finish(child)
    assert status == 255 and "being stopped or restarted" in text, text
    # The push is still on the phone, and lets nobody in any more.
    simulator.answer("approve")
    assert machine.show("duetd", "Result") == "success"
    allowed(machine)


def test_fifty_crashes_neither_open_nor_lock(machine):
    crash = "p=$(systemctl show --property=MainPID --value duetd); kill -KILL $p; n=0; " \
        "until q=$(systemctl show --property=MainPID --value duetd); [ $q != 0 ] && [ $q != $p ]; do " \
        "n=$((n+1)); [ $n -lt 1000 ] || exit 1; sleep 0.01; done"  # fmt: skip
    machine.run(f"for i in $(seq 50); do {crash}; done", within=120)
    new_daemon(machine, None)
    assert int(machine.show("duetd", "NRestarts")) >= 50
    assert machine.run(f"systemctl is-active {UNITS}").stdout.split() == ["active"] * 3
    allowed(machine)


def test_a_daemon_that_cannot_start_opens_nothing_even_where_fail_is_open(machine):
    machine.write("/etc/pam.d/duet-open", "auth requisite pam_duet.so fail=open\naccount required pam_permit.so\n")
    assert machine.login(service="duet-open")[0] == 0
    folder = "/run/systemd/system/duetd.service.d"
    machine.run(f"mkdir -p {folder}")
    machine.write(f"{folder}/broken.conf", "[Service]\nExecStart=\nExecStart=/bin/false\n")
    machine.run("systemctl daemon-reload; systemctl restart duetd.service", check=False)
    status, text = machine.login(service="duet-open")
    assert status != 0, text
    assert machine.run("systemctl is-active duetd.socket").stdout.strip() == "active"
    machine.run(f"rm -r {folder} /etc/pam.d/duet-open; systemctl daemon-reload")
    # Nobody has to help it up again.
    new_daemon(machine, None)
    allowed(machine)


def test_a_daemon_that_hangs_is_replaced(machine):
    folder = "/run/systemd/system/duetd.service.d"
    machine.run(f"mkdir -p {folder}")
    machine.write(f"{folder}/soon.conf", "[Service]\nWatchdogSec=2s\n")
    machine.run("systemctl daemon-reload; systemctl restart duetd.service")
    pid = daemon(machine)
    began = machine.show("duetd", "WatchdogTimestampMonotonic")
    # It gives signs of life ...
    for _ in range(3):
        began = duet.wait_for(
            "a sign of life", lambda: (t := machine.show("duetd", "WatchdogTimestampMonotonic")) != began and t
        )
    assert daemon(machine) == pid
    # ... until it does not.
    machine.run(f"kill -STOP {pid}")
    new_daemon(machine, pid)
    assert "Watchdog timeout" in machine.ask("journalctl --sync; journalctl --no-pager -u duetd.service -n 100")
    machine.run(f"rm -r {folder}; systemctl daemon-reload; systemctl restart duetd.service")
    allowed(machine)


def test_an_upgrade_refuses_no_login(machine):
    results, done = [], threading.Event()

    def log_in():
        while not done.is_set():
            results.append(machine.login())

    people = threading.Thread(target=log_in)
    people.start()
    try:
        before = daemon(machine)
        duet.wait_for("the first logins", lambda: len(results) >= 3)
        machine.run("dpkg --install /packages/*.deb")
        assert new_daemon(machine, before)
        after = len(results)
        duet.wait_for("more logins", lambda: len(results) >= after + 3)
    finally:
        done.set()
        people.join()
    # One may have been on its way when its daemon ended; it was told, and nothing was unreachable.
    refused = [text for status, text in results if status != 0]
    assert len(refused) <= 1 and all("being stopped or restarted" in text for text in refused), refused
    assert "pam_duet.so" in machine.ask("cat /etc/pam.d/common-auth")


def test_it_starts_without_duo_and_says_so(machine, simulator):
    configure(machine, simulator, api_host="localhost:1")
    machine.run("systemctl restart duetd.service")
    assert machine.login()[0] != 0
    duet.wait_for("the status line", lambda: "Duo (default)" in machine.show("duetd", "StatusText"), within=40)
    configure(machine, simulator)
    machine.run("systemctl restart duetd.service")
    allowed(machine)


@pytest.mark.parametrize(
    "spoil, mend, words",
    [
        ("echo nonsense >>/etc/duet/duet.toml", "sed -i '$d' /etc/duet/duet.toml", "/etc/duet/duet.toml:"),
        ("mv /etc/duet/secret_key /root", "mv /root/secret_key /etc/duet", "had no credential"),
    ],
)
def test_it_starts_with_a_configuration_that_does_not_stand_and_refuses(machine, spoil, mend, words):
    # Without the last good one, which it would go on with.
    machine.run(f"systemctl stop duetd.service; rm -rf /run/duetd; {spoil}; systemctl start duetd.service")
    status, text = machine.login()
    assert status != 0 and "configuration" in text, text
    assert "Refusing every login" in machine.show("duetd", "StatusText")
    assert words in machine.show("duetd", "StatusText")
    machine.run(f"{mend}; systemctl restart duetd.service")
    allowed(machine)


def test_a_reload_changes_the_rules_and_a_mistake_changes_nothing(machine):
    pid = daemon(machine)

    def reload(because):
        machine.run("systemctl reload duetd.service")
        log = "journalctl --sync; journalctl --no-pager -u duetd.service -n 3"
        duet.wait_for(because, lambda: because in machine.ask(log))

    machine.run("cp /etc/duet/duet.toml /root; echo nonsense >>/etc/duet/duet.toml")
    reload("the one before stays in force")
    allowed(machine)
    machine.run("cp /root/duet.toml /etc/duet; printf '[[rule]]\nname = \"n\"\naction = \"deny\"\n' >>/etc/duet/duet.toml")
    reload("the configuration was read again")
    assert machine.login()[0] != 0
    machine.run("cp /root/duet.toml /etc/duet")
    reload("the configuration was read again")
    allowed(machine)
    assert daemon(machine) == pid


def test_the_secret_key_may_be_encrypted(machine):
    key, folder = "/etc/duet/secret_key", "/run/systemd/system/duetd.service.d"
    machine.run(f"systemd-creds encrypt --with-key=host --name=secret_key {key} {key}.cred && mv {key} /root && mkdir -p {folder}")
    machine.write(f"{folder}/encrypted.conf", f"[Service]\nLoadCredentialEncrypted=secret_key:{key}.cred\n")
    machine.run("systemctl daemon-reload; systemctl restart duetd.service")
    allowed(machine)
    machine.run(f"mv /root/secret_key {key}; rm -r {folder} {key}.cred; systemctl daemon-reload; systemctl restart duetd.service")


def test_it_is_there_after_a_reboot(machine, simulator):
    machine.reboot()
    assert machine.run(f"systemctl is-active {UNITS}").stdout.split() == ["active"] * 3
    # The socket was there before anybody could log in.
    listening, sshd = (int(machine.show(u, "ActiveEnterTimestampMonotonic")) for u in ("duetd.socket", "ssh.service"))
    assert listening < sshd
    child = at_menu(machine.ssh("alice"))
    child.sendline("1")
    simulator.answer("approve")
    child.expect(r"\$ ")
    end(child)


def test_a_module_that_a_stack_names_is_not_removed(machine):
    result = machine.run("dpkg --remove libpam-duet", check=False)
    assert result.returncode != 0 and "/etc/pam.d/duet-only:1:" in result.stdout, result.stdout
    assert "pam_duet.so" in machine.ask("cat /etc/pam.d/common-auth")
    allowed(machine)


def test_after_the_removal_logins_work_as_before(machine, untouched):
    machine.run("mv /etc/pam.d/duet-only /root && dpkg --remove libpam-duet duet && mv /root/duet-only /etc/pam.d")
    assert pam_files(machine) == untouched
    assert machine.run(f"systemctl is-active {UNITS}", check=False).stdout.split() == ["inactive"] * 3
    assert machine.run("ls /run/duet/*.sock", check=False).returncode != 0
    child = password(machine.ssh("alice"))
    child.expect(r"\$ ")
    child.sendline("sudo id -un")
    password(child).expect("root\r\n")
    child.expect(r"\$ ")
    end(child)
    machine.run("dpkg --purge libpam-duet duet")
    assert machine.ask("systemctl --failed --plain --no-legend") == ""
    assert machine.ask("find /etc/systemd -name 'duetd*'") == ""
