"""The documents are tested in the sandbox of the end-to-end tests: their commands change /etc."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# As the cookbook's introduction says, and its last example.
USERS = {
    "alice": ("admins", ""),
    "bob": ("contractors", ""),
    "carol": ("developers", "Carol Smith,,,,Carol.Smith"),
    "ansible": ("robots", ""),
    "deploy": ("robots", ""),
}


def pytest_configure(config):
    if not pathlib.Path("/run/sandbox").is_dir():
        raise pytest.UsageError("run this through Tests/EndToEnd/sandbox: it changes /etc")


@pytest.fixture(scope="session")
def host():
    """The users of the documents, and an installed `duet`."""
    for user, (group, gecos) in USERS.items():
        subprocess.run(["groupadd", "--force", group], check=True)
        subprocess.run(["useradd", "-m", "-G", group, "-c", gecos, user], check=True)
    folder = pathlib.Path("/etc/duet")
    folder.mkdir(exist_ok=True)
    for name in ("secret_key", "secret_key.sudo"):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text("x" * 40 + "\n")
    return folder
