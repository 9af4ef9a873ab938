"""What README.md says of `make test` is what scripts/test does, and its links lead somewhere."""

import re

import pytest

from conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_it_lists_the_suites_that_there_are():
    suites = re.search(r"^suites=\((.*)\)$", (ROOT / "scripts/test").read_text(), re.M)[1].split()
    assert re.findall(r"^== (\S+) +passed in … s:", README, re.M) == suites
    assert f"\n{len(suites)} passed, 0 failed\n" in README


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_a_link_leads_to_a_file(path):
    assert (ROOT / path).is_file()
