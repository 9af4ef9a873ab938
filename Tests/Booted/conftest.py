"""One machine for all tests, in the order of the file: from the installation to the removal. Run by `scripts/test booted`."""

import os
import pathlib
import shutil
import tempfile

import pytest

from machine import Machine, duet


@pytest.fixture(scope="session")
def folder():
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-booted-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def simulator(folder):
    simulator = duet.Simulator(folder)
    yield simulator
    if simulator.running:
        simulator.stop()


@pytest.fixture(scope="session")
def machine(folder):
    machine = Machine(os.environ["BOOTED_ROOT"], folder)
    machine.boot()
    yield machine
    machine.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed and "machine" in item.funcargs:
        journal = item.funcargs["machine"].run("journalctl --no-pager -n 60 -o short-monotonic", check=False).stdout
        report.sections.append(("the machine's journal", journal))
