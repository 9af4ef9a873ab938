"""One world a test: a simulator, a daemon, an sshd, users. `make test` runs this inside Tests/EndToEnd/sandbox."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

import canary
import duet

# alice is asked for a factor and answered by the test; the others are scenarios of the simulator's users.
USERS = ["alice", "preauth-allow", "preauth-deny", "enroll", "escape-inject", "verified-push-ask"]


def pytest_configure(config):
    if not pathlib.Path("/run/sandbox").is_dir():
        raise pytest.UsageError("run this through Tests/EndToEnd/sandbox: it changes /etc and starts services")
    # Every test searches what it leaves behind for secrets, at the level that logs most.
    duet.Daemon.OPTIONS = ("--debug",)
    canary.watch()


@pytest.fixture(scope="session", autouse=True)
def users():
    for user in USERS:
        subprocess.run(["useradd", "-m", "-s", "/bin/bash", user], check=True)
        subprocess.run(["chpasswd"], input=f"{user}:first-factor\n", text=True, check=True)
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "duet"], check=True)
    pathlib.Path("/etc/sudoers.d").mkdir(exist_ok=True)
    sudoers = pathlib.Path("/etc/sudoers.d/duet")
    sudoers.write_text(
        "Defaults pam_service=sudo-duet, pam_login_service=sudo-duet, timestamp_timeout=0\n"
        "alice, verified-push-ask ALL=(ALL:ALL) ALL\n"
    )
    sudoers.chmod(0o440)


class World:
    """What a test starts, and what is ended after it, whatever happened."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.simulator = None
        self.daemon = None
        self.sshd = None

    def start_simulator(self, *options):
        self.simulator = duet.Simulator(self.folder, *options)
        canary.keep(self.simulator.facts["secret_key"])
        self.processes.append(self.simulator)
        return self.simulator

    def start_daemon(self, text=None, login="", **duo):
        if text is None:
            text = duet.configuration(self.simulator, login, **duo)
        self.daemon = duet.Daemon(self.folder, text)
        self.processes.append(self.daemon)
        return self.daemon.wait_ready()

    def start_sshd(self, **settings):
        self.sshd = duet.SSHServer(self.folder, **settings)
        self.processes.append(self.sshd)
        return self.sshd

    def close(self):
        for process in self.processes:
            if isinstance(process, duet.Daemon):
                canary.search_daemon(process)
            elif process is not self.simulator:
                canary.search_file(process.log_path)
        for process in reversed(self.processes):
            if process.running:
                process.stop()

    def logs(self):
        return "".join(f"--- {p.log_path.name}\n{p.log[-4000:]}\n" for p in self.processes)


@pytest.fixture
def world(request):
    """A simulator, and what the test adds."""
    shutil.rmtree(duet.RUN, ignore_errors=True)
    os.makedirs(duet.RUN, mode=0o755)
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-test-"))
    folder.chmod(0o755)
    world = World(folder)
    world.start_simulator()
    duet.pam_service("sshd-duet")
    duet.pam_service("sudo-duet")
    yield world
    if getattr(request.node, "failed", False):
        print(world.logs())
    world.close()
    shutil.rmtree(folder)
    canary.worlds += 1
    leaks, canary.findings[:] = list(canary.findings), []
    assert not leaks, leaks


@pytest.fixture
def cloud(world):
    """The usual case: everything runs."""
    world.start_daemon()
    world.start_sshd()
    return world


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        item.failed = True
