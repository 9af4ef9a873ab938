"""docs/policy-cookbook.md: every file stands without a warning, and every command says what it says there."""

import os
import re
import subprocess

import pytest

from conftest import ROOT

BUILD = ROOT / ".build" / "debug"
DOCUMENT = ROOT / "docs" / "policy-cookbook.md"
EXAMPLE = re.compile(r"^## \d+\. (.+?)\n.*?^```toml\n(.*?)^```\n.*?^```console\n(.*?)^```$", re.M | re.S)


def examples():
    return [pytest.param(*match.groups()[1:], id=match[1]) for match in EXAMPLE.finditer(DOCUMENT.read_text())]


def run(command):
    environment = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}"}
    return subprocess.run(
        command, shell=True, executable="/bin/bash", env=environment, text=True, timeout=30,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )


def words(line):
    return " ".join(line.split())


def test_there_are_twelve():
    assert len(examples()) == 12
    assert len(re.findall(r"^## ", DOCUMENT.read_text(), re.M)) == 12


@pytest.mark.parametrize("toml, console", examples())
def test_an_example_does_what_it_says(host, toml, console):
    path = host / "duet.toml"
    path.write_text(toml)
    path.chmod(0o644)
    checked = run("duet config check")
    assert checked.returncode in (0, 1), checked.stdout
    for warning in (line for line in checked.stdout.splitlines() if ": warning: " in line):
        assert warning in console.splitlines()
    steps = re.split(r"^\$ ", console, flags=re.M)[1:]
    assert steps
    for step in steps:
        command, *expected = step.strip().splitlines()
        result = run(command)
        assert result.returncode == (1 if command == "duet config check" else 0), f"{command}\n{result.stdout}"
        said = [words(line) for line in result.stdout.splitlines()]
        for line in expected:
            assert words(line) in said, f"{command}\n{result.stdout}"
