"""docs/threat-model.md: every test that it names is one, and every *never* names at least one."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "threat-model.md"


def rows():
    for number, line in enumerate(DOCUMENT.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] not in ("what", "---"):
            yield number, cells


def references():
    for number, cells in rows():
        for where, rule in re.findall(r"`([A-Za-z_]+): ([^`]+)`", cells[2]):
            yield pytest.param(where, rule, id=f"line {number}: {rule[:50]}")


def rules_of(where):
    """The rules that the tests at a place hold, as the document writes them."""
    if where == "pam":
        texts = [path.read_text() for path in (ROOT / "pam" / "tests").glob("test_*.c")]
        return {rule for text in texts for rule in re.findall(r'(?:\.rule = |harness_run\(|^\s*\{)"([^"\\\n]+)"', text, re.M)}
    if where.startswith("test_"):
        paths = list((ROOT / "Tests").glob(f"*/{where}.py"))
        return {
            name.replace("_", " ") for path in paths for name in re.findall(r"^def test_(\w+)", path.read_text(), re.M)
        }
    paths = list((ROOT / "Tests").glob(f"*/{where}.swift"))
    return {rule for path in paths for rule in re.findall(r'@Test\(\s*"((?:[^"\\]|\\.)*)"', path.read_text())}


@pytest.mark.parametrize("where, rule", references())
def test_a_test_that_is_named_exists(where, rule):
    known = rules_of(where)
    assert known, f"there is no {where}"
    assert rule in known


def test_every_never_names_its_tests():
    nevers = [(number, cells) for number, cells in rows() if cells[1].startswith("never")]
    assert len(nevers) > 20
    assert [number for number, cells in nevers if not re.search(r"`[A-Za-z_]+: [^`]+`", cells[2])] == []
