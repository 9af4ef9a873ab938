"""duet-admin as the help desk calls it: the program, the simulator, TLS between them."""

import json
import os
import pathlib
import pwd
import re
import socket
import subprocess

import pexpect
import pytest

import duet
from test_ssh import MENU, at_menu, shell_opens

JOURNAL = pathlib.Path("/run/systemd/journal/socket")
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Admin:
    """The program with its credentials, and the journal that it writes to."""

    def __init__(self, world):
        self.world = world
        self.simulator = world.simulator
        self.facts = world.simulator.facts
        self.path = world.folder / "admin.toml"
        self.write()
        JOURNAL.parent.mkdir(parents=True, exist_ok=True)
        JOURNAL.unlink(missing_ok=True)
        self.journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.journal.bind(str(JOURNAL))
        self.journal.setblocking(False)

    def text(self, profile="work", **changes):
        facts = self.facts | changes
        return f"""
[{profile}]
api_host = "{facts['api_host']}"
ca_file = "{facts['ca_file']}"
[{profile}.admin]
integration_key = "{facts['admin_integration_key']}"
secret_key = "{facts['admin_secret_key']}"
[{profile}.accounts]
integration_key = "{facts['accounts_integration_key']}"
secret_key = "{facts['accounts_secret_key']}"
[{profile}.auth]
integration_key = "{facts['integration_key']}"
secret_key = "{facts['secret_key']}"
"""

    def write(self, text=None, mode=0o600):
        self.path.write_text(self.text() if text is None else text)
        self.path.chmod(mode)

    def arguments(self, *arguments):
        return [str(duet.BIN / "duet-admin"), *map(str, arguments), "--credentials", str(self.path)]

    def run(self, *arguments, code=0, stdin=""):
        """Standard output and error of a call without a terminal."""
        result = subprocess.run(
            self.arguments(*arguments), capture_output=True, text=True, timeout=60, check=False, input=stdin
        )
        said = result.stdout + result.stderr
        assert result.returncode == code, (arguments, result.returncode, said)
        self.clean(said)
        return said

    def clean(self, said):
        """Nothing that it says can move a cursor, and no secret key is in it."""
        assert not ESCAPES.search(said), repr(said)
        for name in ("secret_key", "admin_secret_key", "accounts_secret_key"):
            assert self.facts[name] not in said

    def json(self, *arguments, code=0):
        return json.loads(self.run(*arguments, "--json", code=code))

    def terminal(self, *arguments):
        return pexpect.spawn(
            self.arguments(*arguments)[0], self.arguments(*arguments)[1:], encoding="utf-8", timeout=duet.PATIENCE,
            dimensions=(60, 120),
        )  # fmt: skip

    def log(self):
        """What the journal got since it was last looked at."""
        records = []
        while True:
            try:
                records.append(self.journal.recv(65536).decode())
            except BlockingIOError:
                return records

    def fault(self, path, response, **more):
        body = json.dumps({"stat": "OK", "response": response, **more})
        self.simulator.ask("fault", kind="body", body=body, path=path)

    def close(self):
        self.journal.close()
        JOURNAL.unlink(missing_ok=True)


@pytest.fixture
def admin(world):
    desk = Admin(world)
    yield desk
    desk.close()


# Credentials


def test_check_tests_every_key_of_the_profile(admin):
    text = admin.run("check")
    assert text.count("accepts the keys") == 3
    assert admin.json("check")["ok"] is True


def test_check_names_the_kind_that_the_keys_are_of(admin):
    facts = admin.facts
    admin.write(admin.text(admin_integration_key=facts["integration_key"], admin_secret_key=facts["secret_key"]))
    assert "these are the keys of an application of type Auth API" in admin.run("check", code=2)
    text = admin.run("users", "list", code=2)
    assert "type Admin API" in text and "DUET-121" in text


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"admin_secret_key": "0" * 40}, "DUET-120"),
        ({"admin_integration_key": "DI" + "0" * 18}, "DUET-120"),
        ({"admin_integration_key": "short"}, "must be DI and 18"),
        ({"admin_secret_key": "short"}, "this has 5 characters"),
        ({"api_host": "localhost:1"}, "DUET-102"),
        ({"api_host": "no host"}, "is no host name"),
        ({"ca_file": "/etc/ssl/certs/ca-certificates.crt"}, "DUET-110"),
    ],
)
def test_what_is_wrong_with_the_credentials_is_said(admin, changes, said):
    admin.write(admin.text(**changes))
    assert said in admin.run("users", "list", code=2)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602])
def test_credentials_that_others_can_touch_are_refused(admin, mode):
    admin.write(mode=mode)
    text = admin.run("users", "list", code=2)
    assert f"chmod 0600 {admin.path}" in text and not admin.simulator.requests()


def test_credentials_of_somebody_else_are_refused(admin):
    os.chown(admin.path, pwd.getpwnam("alice").pw_uid, 0)
    assert "is not yours" in admin.run("users", "list", code=2)


def test_a_pipe_and_a_folder_are_no_credentials(admin):
    admin.path.unlink()
    os.mkfifo(admin.path, 0o600)
    assert "is not a file" in admin.run("users", "list", code=2)
    admin.path.unlink()
    admin.path.mkdir()
    assert "is not a file" in admin.run("users", "list", code=2)


def test_without_credentials_it_says_how_to_write_them(admin):
    admin.path.unlink()
    text = admin.run("check", code=2)
    assert "[work.admin]" in text and "0600" in text


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('secret_key = "', 'secrt_key = "', 'did you mean "secret_key"?'),
        ("[work.admin]", "[work.admins]", 'did you mean "admin"?'),
        ("api_host = ", "api_host ", ":3:"),
        ('secret_key = "', 'secret_key = 5 #', "must be a text"),
    ],
)
def test_a_mistake_in_the_credentials_is_told_with_its_place_and_mend_and_without_the_key(admin, old, new, said):
    admin.write(admin.text().replace(old, new, 1))
    text = admin.run("users", "list", code=2)
    assert said in text and str(admin.path) + ":" in text


def test_a_secret_key_may_be_in_a_file_of_its_own(admin):
    secret = admin.world.folder / "secret"
    secret.write_text(admin.facts["admin_secret_key"] + "\n")
    line = f'secret_key = "{admin.facts["admin_secret_key"]}"'
    admin.write(admin.text().replace(line, f'secret_key_file = "{secret}"'))
    secret.chmod(0o644)
    assert "may be read by others" in admin.run("users", "list", code=2)
    secret.chmod(0o600)
    assert "alice" in admin.run("users", "list")


def test_a_secret_key_may_be_a_credential_of_systemd(admin):
    (admin.world.folder / "admin").write_text(admin.facts["admin_secret_key"])
    line = f'secret_key = "{admin.facts["admin_secret_key"]}"'
    admin.write(admin.text().replace(line, 'secret_key_file = "credential:admin"'))
    assert "LoadCredential=admin" in admin.run("users", "list", code=2)
    environment = os.environ | {"CREDENTIALS_DIRECTORY": str(admin.world.folder)}
    result = subprocess.run(
        admin.arguments("users", "show", "alice"), capture_output=True, text=True, timeout=60, env=environment
    )
    assert result.returncode == 0 and "alice" in result.stdout, result.stderr


def test_the_profile_is_the_one_that_was_chosen(admin):
    admin.write(admin.text() + admin.text("other", admin_secret_key="0" * 40))
    assert "choose one with --profile" in admin.run("users", "list", code=2)
    assert "alice" in admin.run("users", "list", "--profile", "work")
    assert "DUET-120" in admin.run("users", "list", "--profile", "other", code=2)
    assert 'no profile "third"' in admin.run("users", "list", "--profile", "third", code=2)
    admin.write('profile = "work"\n' + admin.text() + admin.text("other", admin_secret_key="0" * 40))
    assert "alice" in admin.run("users", "list")


def test_the_usual_place_is_in_the_home_of_who_calls(admin):
    home = admin.world.folder / "home"
    (home / ".config/duet").mkdir(parents=True)
    (home / ".config/duet/admin.toml").write_text(admin.text())
    (home / ".config/duet/admin.toml").chmod(0o600)
    result = subprocess.run(
        [duet.BIN / "duet-admin", "users", "list"], capture_output=True, text=True, timeout=60,
        env={"HOME": str(home)},
    )  # fmt: skip
    assert result.returncode == 0 and "alice" in result.stdout, result.stderr


# Users


def test_users_are_made_shown_changed_and_deleted(admin):
    made = admin.json(
        "users", "create", "carol", "--real-name", "Carol Öz", "--email", "carol@example.com", "--alias", "caz",
        "--alias", "c.oz", "--notes", "first floor",
    )  # fmt: skip
    for name in ("carol", "caz", "c.oz", made["user_id"]):
        text = admin.run("users", "show", name)
        for word in ("carol", "Carol Öz", "carol@example.com", "caz, c.oz", "active", "first floor", "never"):
            assert word in text, text
    admin.run("users", "update", "caz", "--name", "carola", "--alias", "c.oz", "--status", "disabled", "--notes", "")
    changed = admin.json("users", "show", "carola")
    assert (changed["user_id"], changed["status"], changed["notes"]) == (made["user_id"], "disabled", "")
    assert changed["alias1"] == "c.oz" and changed["alias2"] is None
    assert admin.json("users", "update", "carola", "--no-aliases")["alias1"] is None
    assert "was deleted" in admin.run("users", "delete", "carola", "--yes")
    assert 'knows no user "carola"' in admin.run("users", "show", "carola", code=1)


def test_users_are_listed_to_the_end_or_to_the_limit(admin):
    for number in range(3):
        admin.run("users", "create", f"zed{number}")
    everybody = admin.json("users", "list")
    assert {"alice", "zed0", "zed2"} <= {user["username"] for user in everybody}
    assert len(admin.json("users", "list", "--limit", "2")) == 2
    assert [user["username"] for user in admin.json("users", "list", "--username", "zed1")] == ["zed1"]
    idle = admin.json("users", "list", "--not-enrolled", "--limit", "1", "--status", "active")
    assert len(idle) == 1 and idle[0]["is_enrolled"] is False
    assert admin.run("users", "list", "--email", "nobody@example.com") == "There are no such users.\n"


def test_a_long_list_shows_on_a_terminal_how_much_has_come(admin):
    everybody = admin.json("users", "list")
    admin.fault("/admin/v1/users", everybody[:1], metadata={"total_objects": len(everybody), "next_offset": 1})
    text, status = duet.finish(admin.terminal("users", "list"))
    assert status == 0 and re.search(rf"users \[\.+\] 1 of {len(everybody)}\r?\x1b\[K", text.replace("\r", "")), text
    admin.fault("/admin/v1/users", everybody[:1], metadata={"total_objects": len(everybody), "next_offset": 1})
    assert " of " not in admin.run("users", "list")


def test_deleting_a_user_asks_and_says_that_phones_stay(admin):
    child = admin.terminal("users", "delete", "alice")
    child.expect(r"Phones stay: \+15550100100.*\[y/N\]")
    child.sendline("n")
    text, status = duet.finish(child)
    assert status == 1 and "nothing was done" in text
    child = admin.terminal("users", "delete", "alice")
    child.expect(r"\[y/N\]")
    child.sendline("y")
    text, status = duet.finish(child)
    assert status == 0 and "was deleted" in text
    assert admin.json("phones", "show", "+15550100100")["users"] == []


DANGEROUS = [
    ("users", "delete", "alice"),
    ("phones", "delete", "+15550100100"),
    ("phones", "dissociate", "+15550100100", "alice"),
    ("settings", "update", "lockout_threshold=3"),
    ("bypass-codes", "create", "alice", "--no-keep", "--plain"),
    ("api", "DELETE", "/admin/v1/users/DUE8VT7GYMKI16HW1N8Z"),
]


@pytest.mark.parametrize("call", DANGEROUS, ids=lambda call: " ".join(call[:2]))
def test_what_is_dangerous_is_not_done_where_nobody_can_be_asked(admin, call):
    assert "--yes" in admin.run(*call, code=1, stdin="y\n")
    assert {r["method"] for r in admin.simulator.requests()} <= {"GET"} and admin.log() == []


def test_enrolling_sends_a_mail(admin):
    assert "mail to new@example.com" in admin.run("users", "enroll", "newcomer", "--email", "new@example.com")
    request = admin.simulator.requests("/admin/v1/users/enroll")[-1]
    assert request["parameters"] == {"username": "newcomer", "email": "new@example.com", "valid_secs": "2592000"}


def test_a_user_is_taken_over_from_a_directory(admin):
    assert "alice" in admin.run("users", "sync", "alice", "--directory-key", "DKSIMULATORDIRECTORY")
    admin.run("users", "sync", "alice", "--directory-key", "DKXXXXXXXXXXXXXXXXXX", code=1)
    assert "it is not an id" in admin.run("users", "sync", "alice", "--directory-key", "../x", code=2)


def test_a_user_gets_name_and_address_of_the_unix_account(admin):
    subprocess.run(["usermod", "-c", "& Anderson,Room 5,,,alice@corp.example", "alice"], check=True)
    admin.run("users", "sync-profile", "alice")
    user = admin.json("users", "show", "alice")
    assert (user["realname"], user["email"]) == ("Alice Anderson", "alice@corp.example")
    assert "has these already" in admin.run("users", "sync-profile", "alice")
    subprocess.run(["usermod", "-c", "", "alice"], check=True)
    admin.run("users", "sync-profile", "alice", "--mail-domain", "example.org")
    user = admin.json("users", "show", "alice")
    assert (user["realname"], user["email"]) == ("Alice Anderson", "alice@example.org")
    assert "no account" in admin.run("users", "sync-profile", "bob", code=2)


# Bypass codes


def test_codes_are_shown_on_a_terminal_only(admin):
    assert "--plain" in admin.run("bypass-codes", "create", "alice", code=1)
    assert "--plain" in admin.run("bypass-codes", "create", "alice", "--json", code=1)
    assert admin.json("bypass-codes", "list", "alice") == admin.json("bypass-codes", "list", "al")
    assert not [r for r in admin.simulator.requests() if r["method"] == "POST"]
    text, status = duet.finish(admin.terminal("bypass-codes", "create", "alice", "--count", "3", "--valid", "8h"))
    assert status == 0 and len(re.findall(r"^\d{9}\r?$", text, re.M)) == 3 and "for 8h" in text, text


def test_codes_that_there_are_stay_unless_that_is_not_wanted(admin):
    before = admin.json("bypass-codes", "list", "bob")
    admin.run("bypass-codes", "create", "bob", "--plain", "--count", "2", "--uses", "0", "--valid", "0")
    kept = admin.json("bypass-codes", "list", "bob")
    assert len(kept) == len(before) + 2 and kept[-1]["reuse_count"] is None and kept[-1]["expiration"] is None
    admin.run("bypass-codes", "create", "bob", "--plain", "--no-keep", "--yes")
    (last,) = admin.json("bypass-codes", "list", "bob")
    assert last["reuse_count"] == 1 and last["expiration"] - last["created"] == 86400
    assert last["bypass_code_id"] in admin.run("bypass-codes", "list")
    assert "user         bob" in admin.run("bypass-codes", "show", last["bypass_code_id"])
    admin.run("bypass-codes", "delete", last["bypass_code_id"], code=1)
    admin.run("bypass", "delete", last["bypass_code_id"], "--yes")
    assert admin.run("bypass-codes", "list", "bob") == "There are no bypass codes.\n"
    admin.run("bypass-codes", "show", last["bypass_code_id"], code=1)


def test_a_code_is_in_no_log(admin):
    codes = json.loads(admin.run("bypass-codes", "create", "alice", "--plain", "--json", "--count", "2"))
    assert len(codes) == 2
    records = "".join(admin.log())
    assert "create 2 bypass codes for user alice" in records
    assert not [code for code in codes if code in records]


# Phones


def test_phones_are_made_given_taken_and_deleted(admin):
    phone = admin.json("phones", "create", "+15550107777", "--name", "spare", "--platform", "android")
    assert (phone["number"], phone["type"], phone["platform"]) == ("+15550107777", "Mobile", "Google Android")
    assert "bob's" in admin.run("phones", "associate", "+15550107777", "bob")
    assert admin.json("phones", "show", phone["phone_id"])["users"][0]["username"] == "bob"
    assert "+15550107777" in admin.run("phones", "list", "--user", "bob")
    assert len(admin.json("phones", "list", "--number", "+15550107777")) == 1
    assert "+15550107777" in admin.run("phones", "list")
    admin.run("phones", "dissociate", "+15550107777", "bob", "--yes")
    assert "is not bob's" in admin.run("phones", "dissociate", "+15550107777", "bob", "--yes", code=1)
    admin.run("phones", "delete", phone["phone_id"], "--yes")
    admin.run("phones", "show", phone["phone_id"], code=1)
    admin.run("phones", "show", "+15550107777", code=1)


@pytest.mark.parametrize("number", ["5550100100", "+1 555 010", "+1555010010x", "+" + "1" * 16])
def test_a_number_that_duo_might_misread_is_refused(admin, number):
    assert "with its country" in admin.run("phones", "create", number, code=2)
    assert not admin.simulator.requests()


def test_an_activation_is_shown_with_a_code_to_scan(admin):
    admin.run("phones", "create", "+15550108888", "--platform", "ios", "--user", "bob")
    text, status = duet.finish(admin.terminal("phones", "activation-url", "+15550108888", "--install"))
    assert status == 0 and "█" in text and "/activate/" in text and "/install" in text, text
    text = admin.run("phones", "activation-url", "+15550108888", "--valid", "2h")
    assert "█" not in text and "within 2 h" in text
    assert admin.json("phones", "activation-url", "+15550108888", "--valid", "90s")["valid_secs"] == 90


def test_messages_are_sent_to_phones(admin):
    admin.run("phones", "create", "+15550108888", "--platform", "ios", "--user", "bob")
    assert "an SMS with an activation" in admin.run("phones", "sms-activation", "+15550108888", "--install")
    assert "an SMS for installing" in admin.run("phones", "sms-installation", "+15550108888")
    assert "an SMS with passcodes" in admin.run("phones", "sms-passcodes", "+15550108888")
    assert admin.simulator.ask("sms_passcodes", user="bob")["passcodes"]
    admin.run("phones", "create", "+15550106666", "--platform", "unknown")
    assert "unknown" in admin.run("phones", "activation-url", "+15550106666", code=2)


# Settings


def test_settings_are_shown_and_changed_after_a_diff(admin):
    assert re.search(r"lockout_threshold +10\n", admin.run("settings", "show"))
    child = admin.terminal("settings", "update", "lockout_threshold=5", "sms_refresh=on", "language=EN")
    child.expect(r"- lockout_threshold = 10\r\n\+ lockout_threshold = 5\r\n- sms_refresh = 0\r\n\+ sms_refresh = 1\r\n")
    child.expect(r"\[y/N\]")
    child.sendline("yes")
    assert duet.finish(child)[1] == 0
    settings = admin.json("settings", "show")
    assert (settings["lockout_threshold"], settings["sms_refresh"]) == (5, 1)
    assert "already" in admin.run("settings", "update", "lockout_threshold=5")
    sent = admin.simulator.requests("/admin/v1/settings")[-3:]
    assert [r["parameters"] for r in sent if r["method"] == "POST"] == [{"lockout_threshold": "5", "sms_refresh": "1"}]


@pytest.mark.parametrize(
    "setting, said",
    [
        ("lockout_threshold=0", "from 1 to 9999"),
        ("lockout_expire_duration=4", "or 0: never"),
        ("sms_refresh=maybe", "true or false"),
        ("language=IT", "EN, DE, FR"),
        ("sms_message=" + "x" * 161, "at most 160"),
        ("colour=blue", "no such setting"),
        ("col\x1b[2Jour=blue", "no such setting"),
    ],
)
def test_a_setting_out_of_range_is_refused_before_duo_is_asked(admin, setting, said):
    assert said in admin.run("settings", "update", setting, "--yes", code=2)
    assert not admin.simulator.requests()


# Accounts


def test_child_accounts_are_administered_through_their_own_host(admin):
    assert admin.run("accounts", "list") == "There are no child accounts.\n"
    child = admin.json("accounts", "create", "Subsidiary")
    assert "127.0.0.1" in admin.run("accounts", "list")
    admin.run("users", "create", "kim", "--account", "Subsidiary")
    assert [u["username"] for u in admin.json("users", "list", "--account", child["account_id"])] == ["kim"]
    admin.run("users", "show", "kim", code=1)
    admin.run("phones", "create", "+15550101234", "--user", "kim", "--account", "Subsidiary")
    admin.run("users", "delete", "kim", "--yes", "--account", "Subsidiary")
    text = "".join(admin.log())
    assert "in account Subsidiary" in text
    answer = admin.run("api", "GET", "/admin/v1/users", "--account", "Subsidiary")
    assert json.loads(answer)["response"] == []
    admin.run("users", "list", "--account", "Nobody", code=1)
    admin.run("accounts", "delete", "Subsidiary", code=1)
    admin.run("accounts", "delete", "Subsidiary", "--yes")
    assert admin.json("accounts", "list") == []


def test_a_profile_without_the_keys_says_which_are_wanted(admin):
    text = admin.text()
    admin.write(text[: text.index("[work.accounts]")])
    assert "[work.accounts]" in admin.run("accounts", "list", code=2)
    assert "[work.accounts]" in admin.run("users", "list", "--account", "x", code=2)
    assert "[work.auth]" in admin.run("api", "GET", "/auth/v2/check", code=2)


# Any call


def test_any_call_is_signed_with_the_keys_of_its_api(admin):
    assert json.loads(admin.run("api", "GET", "/auth/v2/check"))["response"]["time"] > 0
    assert json.loads(admin.run("api", "post", "/accounts/v1/account/list"))["response"] == []
    users = json.loads(admin.run("api", "GET", "/admin/v1/users", "limit=2", "offset=1"))
    assert len(users["response"]) == 2 and users["metadata"]["next_offset"] == 3
    preauth = json.loads(admin.run("api", "POST", "/auth/v2/preauth", "username=alice"))
    assert preauth["response"]["result"] == "auth"
    admin.run("api", "DELETE", "/admin/v1/users/DUXXXXXXXXXXXXXXXXXX", "--yes")
    assert "no such call" in admin.run("api", "GET", "/admin/v1/nothing", code=1)
    assert "40001" in admin.run("api", "POST", "/admin/v1/users", code=2)


def test_a_dry_run_prints_what_would_be_signed_and_sends_nothing(admin):
    text = admin.run("api", "POST", "/admin/v1/users", "username=Zoë & co", "notes=", "--dry-run")
    assert re.fullmatch(
        r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} -0000\nPOST\nlocalhost\n/admin/v1/users\n"
        r"notes=&username=Zo%C3%AB%20%26%20co\n",
        text,
    ), text
    text = admin.run("api", "POST", "/admin/v2/policies", "a=b", "--dry-run")
    assert len(text.splitlines()) == 7, text
    for method in ("PUT", "PATCH"):
        put = admin.run("api", method, "/admin/v2/policies/PO1", "a=b", "--dry-run").splitlines()
        assert [put[1], put[3], put[4], put[5]] == [method, "/admin/v2/policies/PO1", "", text.splitlines()[5]], put
    assert not admin.simulator.requests() and admin.log() == []


@pytest.mark.parametrize(
    "call, code",
    [
        (("GET", "/other/v1/users"), 64),
        (("HEAD", "/admin/v1/users"), 64),
        (("GET", "/admin/v1/users", "limit"), 64),
        (("GET", "/admin/v1/users", "limit=1", "limit=2"), 64),
        (("GET", "/admin/v1/users?limit=1"), 2),
        (("GET", "/admin/../auth/v2/check"), 2),
        (("GET", "/admin/v1/us\x1bers"), 2),
        (("GET", "/admin/v1/users HTTP/1.1\r\nX-Evil: 1"), 2),
        (("GET", "/admin/v1/users", "username=\x1b[2J"), 2),
    ],
)
def test_a_call_that_is_none_is_refused_before_it_is_sent(admin, call, code):
    admin.run("api", *call, code=code)
    assert not admin.simulator.requests()


# What comes from outside


EVIL = "ev\x1b[31mil\x07\x9b2J\u202e\r\n\x00name"


def test_what_duo_says_is_shown_clean(admin):
    user = {"user_id": "DUXXXXXXXXXXXXXXXXXX", "username": EVIL, "realname": EVIL, "status": EVIL, "notes": EVIL,
            "groups": [{"name": EVIL, "status": EVIL}], "alias1": EVIL, "aliases": {"alias1": EVIL},
            "phones": [{"phone_id": "DPXXXXXXXXXXXXXXXXXX", "number": EVIL, "name": EVIL, "platform": EVIL}],
            "tokens": [{"serial": EVIL}], EVIL: EVIL}  # fmt: skip
    for verb in (["list"], ["show", "x"], ["list", "--json"], ["show", "x", "--json"]):
        admin.fault("/admin/v1/users", [user])
        assert "evil" in admin.run("users", *verb).replace("\\u001b[31m", "").replace("[31m", "")
    admin.fault("/admin/v1/users", [user])
    assert json.loads(admin.run("users", "list", "--json"))[0]["username"] == EVIL
    admin.fault("/admin/v1/settings", {"name": EVIL, EVIL: 1})
    admin.run("settings", "show")
    admin.fault("/accounts/v1/account/list", [{"account_id": "DAX", "name": EVIL, "api_hostname": "localhost"}])
    admin.run("accounts", "list")
    body = json.dumps({"stat": "FAIL", "code": 40002, "message": EVIL, "message_detail": EVIL})
    admin.simulator.ask("fault", kind="body", body=body, path="/admin/v1/users")
    admin.run("users", "list", code=2)
    admin.run("users", "show", "escape-inject")
    admin.run("users", "show", EVIL.replace("\x00", ""), code=2)


@pytest.mark.parametrize(
    "response, more",
    [
        ("text", {}),
        ([{"user_id": "../../etc", "username": "x"}], {}),
        ([{"username": "x"}], {}),
        ([], {"metadata": {"next_offset": 100}}),
        ([{"user_id": "DUX", "username": "x"}], {"metadata": {"next_offset": 0}}),
        ([{"user_id": "DUX", "username": "x"}], {"metadata": {"next_offset": -1}}),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_error(admin, response, more):
    admin.fault("/admin/v1/users", response, **more)
    assert "cannot be understood" in admin.run("users", "list", code=2)


def test_an_id_of_duos_cannot_lead_elsewhere(admin):
    admin.fault("/admin/v1/users", [{"user_id": "DU/../../auth", "username": "alice"}])
    admin.run("users", "delete", "alice", "--yes", code=2)
    assert not [r for r in admin.simulator.requests() if r["method"] == "DELETE"]


def test_too_many_requests_are_waited_for_and_a_write_too(admin):
    admin.simulator.ask("fault", kind="status", status=429, path="/admin/v1/users")
    assert "alice" in admin.run("users", "list", "--limit", "1")
    admin.simulator.ask("fault", kind="status", status=429, path="/admin/v1/users")
    admin.run("users", "create", "patient")
    assert len([r for r in admin.simulator.requests("/admin/v1/users") if r["method"] == "POST"]) == 2


@pytest.mark.parametrize("fault", [{"kind": "drop_before_answer"}, {"kind": "status", "status": 503}, {"kind": "garbage"}])
def test_a_write_that_may_have_been_carried_out_is_not_sent_again(admin, fault):
    admin.simulator.ask("fault", path="/admin/v1/users", **fault)
    text = admin.run("users", "create", "maybe", code=2)
    assert fault["kind"] == "garbage" or "may have been carried out" in text
    assert len(admin.simulator.requests("/admin/v1/users")) == 1


# Who did it


def test_every_change_is_logged_with_who_made_it_before_and_after(admin):
    admin.run("users", "create", "logged", "--notes", "n")
    begin, end = admin.log()
    for record in (begin, end):
        fields = dict(line.split("=", 1) for line in record.splitlines())
        assert fields["SYSLOG_IDENTIFIER"] == "duet-admin" and fields["PRIORITY"] == "5"
        assert "root (uid 0" in fields["MESSAGE"] and "create user logged" in fields["MESSAGE"]
        assert "with notes,username" in fields["MESSAGE"]
    assert end.splitlines()[0].endswith(": done")
    admin.run("users", "create", "logged", code=2)
    assert "rejected" in admin.log()[-1]
    admin.run("users", "list")
    assert admin.log() == []


def test_what_is_typed_cannot_add_fields_to_the_journal(admin):
    admin.run("users", "create", "x\nPRIORITY=0\nMESSAGE=root did it", code=2)
    for record in admin.log():
        assert record.count("PRIORITY=") <= 2 and "\nPRIORITY=0" not in record


def test_without_a_journal_it_says_so(admin):
    admin.journal.close()
    JOURNAL.unlink()
    text = admin.run("users", "create", "unlogged")
    assert "not recorded" in text or os.path.exists("/dev/log")


# What is not in it


def test_neither_duetd_nor_duet_can_administer_duo():
    def holds(program):
        return b"/admin/v1/users" in (duet.BIN / program).read_bytes()

    assert holds("duet-admin") and not holds("duetd") and not holds("duet")


# All the way


def test_a_user_with_a_phone_and_a_code_logs_in_and_without_the_code_does_not(cloud):
    admin = Admin(cloud)
    try:
        admin.run("users", "delete", "preauth-deny", "--yes")
        admin.run("users", "create", "preauth-deny")
        admin.run("phones", "create", "+15550105555", "--user", "preauth-deny", "--platform", "ios")
        code = admin.run("bypass-codes", "create", "preauth-deny", "--plain", "--uses", "5").strip()
        child = at_menu(cloud.sshd.login("preauth-deny"))
        child.sendline(code)
        assert "preauth-deny" in shell_opens(child)
        for known in admin.json("bypass-codes", "list", "preauth-deny"):
            admin.run("bypass-codes", "delete", known["bypass_code_id"], "--yes")
        child = at_menu(cloud.sshd.login("preauth-deny"))
        child.sendline(code)
        said = ""
        while child.expect([MENU, pexpect.EOF]) == 0:
            said += child.before
            child.sendline(code)
        child.close()
        assert child.exitstatus == 255 and "Permission denied" in said + child.before, said
        results = re.findall(r"login decided .* result=(\w+)", cloud.daemon.log)
        assert results[0] == "allow" and set(results[1:]) <= {"retry", "deny"} and len(results) > 1, results
    finally:
        admin.close()
