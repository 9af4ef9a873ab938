"""Every block of commands that a document marks with <!-- run --> is run, and says what it says there; … stands for anything."""

import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))
import duet  # noqa: E402

BLOCK = re.compile(r"^<!-- run(: without Duo)? -->\n```console\n(.*?)^```$", re.M | re.S)
DOCUMENTS = ["README.md", "docs/operations.md"]


def blocks():
    for name in DOCUMENTS:
        for number, match in enumerate(BLOCK.finditer((ROOT / name).read_text()), 1):
            yield pytest.param(match[2], bool(match[1]), id=f"{name}: block {number}")


@pytest.fixture
def service(host, tmp_path):
    """Everything as it is installed: the configuration in /etc/duet, the daemon, and PAM's sudo with Duet alone."""
    duet.RUN.mkdir(mode=0o755, exist_ok=True)
    simulator = duet.Simulator(tmp_path)
    path = host / "duet.toml"
    path.write_text(duet.configuration(simulator))
    path.chmod(0o600)
    daemon = duet.Process(
        tmp_path, "duetd", [duet.BIN / "duetd", "--state", tmp_path / "state"],
    )
    duet.pam_service("sudo")
    duet.wait_for("duetd to listen", lambda: " ready" in daemon.log or not daemon.running)
    yield simulator
    daemon.stop()
    if simulator.running:
        simulator.stop()


def run(command):
    environment = {**os.environ, "PATH": f"{duet.BIN}:{os.environ['PATH']}"}
    result = subprocess.run(
        command, shell=True, executable="/bin/bash", env=environment, text=True, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )
    return " ".join(result.stdout.split())


@pytest.mark.parametrize("console, without_duo", blocks())
def test_a_block_says_what_it_says(service, console, without_duo):
    if without_duo:
        service.stop()
    for step in re.split(r"^\$ ", console, flags=re.M)[1:]:
        command, *expected = step.strip().splitlines()
        said = run(command)
        assert not re.search(r"unknown (verb|option)|unexpected argument|not found|USAGE", said, re.I), said
        for line in expected:
            pattern = ".*".join(re.escape(" ".join(part.split())) for part in line.split("…"))
            assert re.search(pattern.replace(r"\ .*", ".*"), said), f"{command}\n{said}"


def test_there_are_blocks():
    assert len(list(blocks())) >= 6
