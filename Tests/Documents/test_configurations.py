"""Every configuration in README and docs stands without a warning (the cookbook has a test of its own)."""

import os
import re
import subprocess

import pytest

from conftest import ROOT


def configurations():
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if path.name == "policy-cookbook.md":
            continue
        for number, text in enumerate(re.findall(r"^```toml\n(.*?)^```$", path.read_text(), re.M | re.S), 1):
            yield pytest.param(text, id=f"{path.name}: {number}")


@pytest.mark.parametrize("text", configurations())
def test_it_stands(host, text):
    path = host / "duet.toml"
    if "integration_key" not in text:  # a part of a file
        text = '[duo]\nintegration_key = "DIXXXXXXXXXXXXXXXXXX"\napi_host = "api-XXXXXXXX.duosecurity.com"\n' \
            'secret_key_file = "credential:secret_key"\n' + text
    path.write_text(text)
    path.chmod(0o644)
    result = subprocess.run(
        [ROOT / ".build/debug/duet", "config", "check"], env=os.environ, text=True, capture_output=True, timeout=30,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_is_one():
    assert list(configurations())
