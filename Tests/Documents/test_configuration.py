"""docs/configuration.md is the manual page duet.toml(5), whose keys a test of the command compares with the code."""

import subprocess
import sys

from conftest import ROOT


def test_it_is_what_make_docs_makes():
    made = subprocess.run(
        [sys.executable, ROOT / "scripts/configuration.py", ROOT / "docs/man/duet.toml.5.scd"],
        capture_output=True, text=True, check=True, timeout=30,
    )
    assert (ROOT / "docs/configuration.md").read_text() == made.stdout, "make docs"
    assert "\t" not in made.stdout
