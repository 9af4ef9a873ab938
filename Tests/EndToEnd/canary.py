"""Everything secret that the tests use, searched for in everything that is written while they run.

Whatever a daemon logs, stores and counts, whatever `duet` prints, what the kernel tells of the processes: no secret key, no passcode,
no password of a proxy or of a user may be in it. `test_zz_canary.py` holds that the search would find one.
"""

import os
import pathlib
import re
import subprocess

import pexpect

import duet

# What people type: passcodes of every kind (a YubiKey's is 44 letters of modhex).
PASSCODE = re.compile(r"\d{6,}|[cbdefghijklnrtuv]{32,44}")
# The password that every user of the tests has.
PASSWORDS = {"first-factor"}

secrets = set(PASSWORDS)
searched = 0
daemons = 0
worlds = 0
findings = []


def keep(secret):
    """From now on `secret` may be nowhere. Of a long one not even its beginning: a message may be cut."""
    secrets.add(secret)
    if len(secret) >= 32:
        secrets.add(secret[:16])


def leaks(data):
    """The secrets in `data`, each as a word of its own if it is short: 100001 is no part of a longer number."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    return [s for s in sorted(secrets) if s in text and (len(s) > 12 or re.search(rf"(?<!\w){re.escape(s)}(?!\w)", text))]


def search(name, data):
    global searched
    searched += 1
    findings.extend(f"{secret!r} is in {name}" for secret in leaks(data))


def search_file(path):
    if path.is_file():
        search(str(path), path.read_bytes())


def search_process(daemon):
    """What everybody, or root, may read of a daemon that runs; and that it leaves no core."""
    folder = pathlib.Path("/proc", str(daemon.child.pid))
    try:
        for name in ("cmdline", "environ", "status", "comm"):
            search(f"{name} of duetd", (folder / name).read_bytes())
        limits = (folder / "limits").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return  # it has ended meanwhile
    if not re.search(r"^Max core file size +0 +0 ", limits, re.M):
        findings.append("duetd may leave a core: " + limits)


def search_daemon(daemon):
    """Before it is ended, or after."""
    global daemons
    daemons += 1
    if daemon.running:
        search_process(daemon)
        for verb in ("status", "metrics"):
            try:
                done = subprocess.run(
                    [duet.BIN / "duet", verb, "--json", "--control-socket", daemon.control_socket], capture_output=True, timeout=10
                )
            except subprocess.TimeoutExpired:
                continue  # the daemon is stopped, or stuck, which is what its test is about
            search(f"duet {verb} --json", done.stdout + done.stderr)
    search_file(daemon.log_path)
    for path in sorted((daemon.log_path.parent / "state").glob("**/*")):
        if path.name.startswith("last-good-"):
            # The configuration itself, with whatever its author wrote into it.
            if path.stat().st_mode & 0o077:
                findings.append(f"others may read {path}")
        else:
            search_file(path)


def watch():
    """Remembers what is typed, and reads along whatever duet prints."""
    run, send = subprocess.run, pexpect.spawn.send

    def watched_run(*arguments, **options):
        remember_typed(options.get("input"))
        result = run(*arguments, **options)
        command = arguments[0] if arguments else options.get("args", ())
        words = [os.fspath(word) for word in command] if isinstance(command, (list, tuple)) else []
        if any(os.path.basename(word) in ("duet", "duetd") for word in words if isinstance(word, str)):
            for stream in (result.stdout, result.stderr):
                if stream:
                    search("what " + " ".join(map(str, words)) + " prints", stream)
        return result

    def watched_send(self, text):
        remember_typed(text)
        return send(self, text)

    subprocess.run, pexpect.spawn.send = watched_run, watched_send


def remember_typed(text):
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    for word in (text or "").split():
        if PASSCODE.fullmatch(word):
            keep(word)
