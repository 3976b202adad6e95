"""The speed of the service: what was aimed at, a baseline of the same run, and whether it is met.

    python -m benchmarks.service [--what related,search] [--folder FOLDER] [--seconds S] [--rounds N] [--json]

Parts: related (beside a constant answer, by wrk), search (over 200,000 candidates), embeddings (batches of
256), start (to ready, 1,000,000 vectors), memory (of two workers beside one), overload (a minute of twice of
what can be done). The stores are made up, the same ones at each making; with --folder they are kept there for
the next run (1 GB, minutes to make). Everything stays on the loopback address, and servers are ended by pid.
The load comes from this machine and takes its share of the cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.service_findings import Finding, table
from benchmarks.service_memory import memory, start
from benchmarks.service_overload import overload
from benchmarks.service_speed import embeddings, related, search
from benchmarks.service_stores import LARGE, SEARCHED, Plan, kept_store

Part = Callable[[Path, float, int], list[Finding]]
PARTS: dict[str, tuple[Part, Plan]] = {
    "related": (related, SEARCHED),
    "search": (search, SEARCHED),
    "embeddings": (embeddings, SEARCHED),
    "start": (start, LARGE),
    "memory": (memory, LARGE),
    "overload": (overload, SEARCHED),
}
_MOST_SECONDS, _MOST_ROUNDS = 30.0, 20


def main() -> int:
    """Run the parts and print what they found; 1 where an aim is missed."""
    asked = arguments().parse_args()
    what = asked.what.split(",")
    unknown = [name for name in what if name not in PARTS]
    if unknown:
        print(f"There is no part {unknown[0]!r}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 64
    if "related" in what and shutil.which("wrk") is None:
        print("wrk is not installed; on Debian: apt-get install wrk", file=sys.stderr)
        return 69
    if not (0 < asked.seconds <= _MOST_SECONDS and 1 <= asked.rounds <= _MOST_ROUNDS):
        print(f"At most {_MOST_SECONDS:.0f} seconds and {_MOST_ROUNDS} rounds.", file=sys.stderr)
        return 64
    found: list[Finding] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name in what:
            part, plan = PARTS[name]
            kept_store(folder, plan)
            print(f"{name} ...", file=sys.stderr, flush=True)
            found += part(folder, asked.seconds, asked.rounds)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    if asked.json:
        print(json.dumps({"machine": machine, "found": [each.as_json() for each in found]}, indent=2))
    else:
        print(f"{table(found)}\n{machine}")
    return 0 if all(each.met is not False for each in found) else 1


def arguments() -> argparse.ArgumentParser:
    """What may be asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--what", default=",".join(PARTS), help="parts, parted by commas; all by default")
    parser.add_argument("--folder", type=Path, help="keeps the stores between runs")
    parser.add_argument("--seconds", type=float, default=3.0, help="of load a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
