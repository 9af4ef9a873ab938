"""What Duo sees of a fleet of hosts with Duet, by simulation: Tests/Benchmark/fleet.py [--hosts N] [--curve] …

Without --hosts, 10, 1,000 and 100,000. The tables of docs/scale.md are its output; the constants are those of DuoWatch and DuoKeepalive.
"""

import argparse
import math
import random
from collections import Counter

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0  # DuoWatch.pauses: doubled, each between half and the whole of itself
KEEPALIVE = 45.0  # [duo] keepalive: between half and the whole of itself after the last request
EXPECTATION = 180.0  # DuoKeepalive.expectation: how long after a login it goes on
CONNECT_TIMEOUT = 3.0  # [duo] connect_timeout: what a probe into a black hole takes
IDLE_LIFE = 118.0  # libcurl does not use a connection again that was idle for longer (CURLOPT_MAXAGE_CONN)
REQUESTS_OF_A_PUSH = 2  # preauth and auth, where the host shows no progress; 3 or 4 where it does (auth and one or two polls)


def pause(number, jitter):
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**number)
    return random.uniform(longest / 2, longest) if jitter else longest


def steady(hosts, options):
    """The day when nothing is wrong, by arithmetic: (per second, connections)."""
    logins = hosts * options.logins / 3600
    # A host is busy while its last login is less than `EXPECTATION` ago, or its last connection still idles.
    busy = 1 - math.exp(-options.logins * EXPECTATION / 3600)
    warm = 1 - math.exp(-options.logins * (EXPECTATION + IDLE_LIFE if options.keepalive else IDLE_LIFE) / 3600)
    pings = hosts * busy / (options.keepalive * 0.75) if options.keepalive else 0
    return {
        "logins/s": logins,
        "requests/s": logins * REQUESTS_OF_A_PUSH,
        "keepalive pings/s": pings,
        "handshakes/s": logins * (1 - warm),
        "connections: waiting pushes": logins * options.push,
        "connections: warm": hosts * warm,
    }


def outage(hosts, options):
    """Probes by the second that they reach Duo's door, and when each host has got through again; the outage begins at 0."""
    arrivals, recovered = Counter(), []
    busy = 1 - math.exp(-options.logins * EXPECTATION / 3600)
    for _ in range(hosts):
        if options.together:
            time = 0.0
        elif options.keepalive and random.random() < busy:
            time = random.uniform(0, options.keepalive)
        else:
            # The first login that meets it; one after its end meets nothing.
            time = random.expovariate(options.logins / 3600)
        if time > options.length:
            continue
        number = 0
        while True:
            time += pause(number, options.jitter)
            arrivals[int(time)] += 1
            if time >= options.length:
                recovered.append(time - options.length)
                break
            number += 1
            if options.silent:
                time += CONNECT_TIMEOUT
    return arrivals, sorted(recovered)


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.3f}"


def curve(arrivals, options):
    """Probes per second around the end of the outage, as a picture."""
    first, last = int(options.length) - 10, int(options.length) + 20
    most = max(1, max(arrivals[second] for second in range(first, last)))
    for second in range(first, last):
        bar = "#" * round(60 * arrivals[second] / most)
        print(f"{second - int(options.length):+4d} s {arrivals[second]:8,d} {bar}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, action="append")
    parser.add_argument("--logins", type=float, default=2.0, help="that ask Duo, of a host in an hour (2)")
    parser.add_argument("--push", type=float, default=10.0, help="seconds until a person answers (10)")
    parser.add_argument("--keepalive", type=float, default=KEEPALIVE, help="[duo] keepalive in seconds; 0: false (45)")
    parser.add_argument("--length", type=float, default=300.0, help="seconds of the outage (300)")
    parser.add_argument("--silent", action="store_true", help="Duo is silent in it, and does not refuse at once")
    parser.add_argument("--together", action="store_true", help="the worst: every host notices in the same moment")
    parser.add_argument("--no-jitter", dest="jitter", action="store_false", help="what it would be without")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--curve", action="store_true", help="show the probes around the end of the outage")
    options = parser.parse_args()
    fleets = options.hosts or [10, 1_000, 100_000]

    print("Nothing is wrong:\n")
    days = [steady(hosts, options) for hosts in fleets]
    row("", *(f"{hosts:,} hosts" for hosts in fleets))
    row("---", *["---"] * len(fleets))
    for name in days[0]:
        row(name, *(number(day[name]) for day in days))

    print(f"\nAn outage of {options.length:.0f} s, and its end:\n")
    random.seed(options.seed)
    results = [outage(hosts, options) for hosts in fleets]
    row("", *(f"{hosts:,} hosts" for hosts in fleets))
    row("---", *["---"] * len(fleets))
    end = int(options.length)
    lines = {
        "hosts that noticed": lambda a, r: len(r),
        "probes/s in its last minute": lambda a, r: sum(a[s] for s in range(end - 60, end)) / 60,
        "most probes in one second of it": lambda a, r: max((a[s] for s in range(end)), default=0),
        "most probes in one second after its end": lambda a, r: max((a[s] for s in range(end, end + 60)), default=0),
        "half of the hosts are back after, s": lambda a, r: r[len(r) // 2] if r else 0,
        "all of them after, s": lambda a, r: r[-1] if r else 0,
    }
    for name, value in lines.items():
        row(name, *(number(value(*result)) for result in results))
    if options.curve:
        for hosts, (arrivals, _) in zip(fleets, results):
            print(f"\nProbes per second around the end, {hosts:,} hosts:\n")
            curve(arrivals, options)


main()
