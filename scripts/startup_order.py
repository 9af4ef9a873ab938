"""The functions of Swift's own libraries that duetd calls from its start through one login: run by startup-order.

Only those that the linker can move: each in a section of its own, and the first of each object that has one section for all. Nothing of
what is compiled here: its names change, and it lies together anyway.
"""

import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/EndToEnd"))
import duet  # noqa: E402

LIBRARIES = pathlib.Path(shutil.which("swift")).resolve().parents[1] / "lib/swift_static/linux"


def calls(program, folder):
    """The names of the functions of `program` that were called."""
    duet.RUN.mkdir(mode=0o755)
    subprocess.run(["useradd", "-m", "alice"], check=True)
    duet.pam_service("duet-order")
    state = pathlib.Path(tempfile.mkdtemp(dir="/run", prefix="duet-order-"))
    simulator = duet.Simulator(state, "--auto", "approve", "--auto-after", "0")
    counts = folder / "callgrind"
    valgrind = "valgrind", "--tool=callgrind", "--demangle=no", "--compress-strings=no", f"--callgrind-out-file={counts}", "-q"
    daemon = duet.Daemon(state, duet.configuration(simulator), program=program, prefix=valgrind).wait_ready()
    subprocess.run(["pamtester", "duet-order", "alice", "authenticate"], check=True, capture_output=True, input=b"1\n")
    time.sleep(1)  # what is done after a login
    daemon.stop()
    simulator.stop()
    names, where = set(), None
    for line in counts.read_text().splitlines():
        if line.startswith("ob="):
            where = line[3:]
        elif line.startswith("fn=") and where == str(program):
            names.add(line[3:].partition("'")[0])
    return names


def sections():
    """Of each function of the libraries: the object that it is from, and the section."""
    for library in sorted(LIBRARIES.glob("*.a")):
        table = subprocess.run(["objdump", "-t", library], capture_output=True, text=True, check=True).stdout
        member = None
        for line in table.splitlines():
            if found := re.match(r"(\S+): +file format", line):
                member = f"{library.name}/{found[1]}"
            elif found := re.match(r"[0-9a-f]+ .{7} (\.text\S*)\t[0-9a-f]+ (?:\.\w+ )?(\S+)$", line):
                yield found[2], member, found[1]


def main(folder):
    program = folder / "duetd"
    called = calls(program, folder)
    # Another function of the same name would be moved with it.
    symbols = subprocess.run(["nm", "--defined-only", "-f", "posix", program], capture_output=True, text=True, check=True).stdout
    count = collections.Counter(line.split()[0] for line in symbols.splitlines())
    order, objects = set(), {}
    for name, member, section in sections():
        if name in called and count[name] == 1:
            if section == ".text":
                objects[member] = min(name, objects.get(member, name))
            else:
                order.add(name)
    print(*sorted(order | set(objects.values())), sep="\n")


main(pathlib.Path(sys.argv[1]))
