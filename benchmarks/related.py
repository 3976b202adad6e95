"""Requests per second of `GET related` beside a FastAPI endpoint that returns a constant.

    python -m benchmarks.related [--store STORE] [--guarded] [--json]

Both servers run with one worker each and are driven in turn by wrk (one thread, 16 connections), so that
whatever else the machine does weighs on both. The service answers many different skills, computed anew at
each request; the constant is the answer of median length among them. A third row asks the service for that
one skill alone. With --guarded the service asks for an API key and counts requests. Everything stays on the
loopback address.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

from benchmarks.synthetic_store import make_store
from embedsvc.releases import Store
from embedsvc.releases.opening import open_release
from embedsvc.service.keys import new_key

SKILLS = 500
LUA = """
local paths = {%s}
local requests, turn = {}, 0
function init() for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end end
function request() turn = turn %% #requests + 1; return requests[turn] end
function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  local form = 'RESULT {"requests": %%d, "seconds": %%f, "failed": %%d, "p50_ms": %%f, "p99_ms": %%f}\\n'
  io.write(string.format(form, summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


def main() -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--store", type=Path, help="a release store; without it, one of 10,000 made-up skills"
    )
    parser.add_argument("--guarded", action="store_true", help="with an API key and a rate limit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of load per server and round")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is not installed; on Debian: apt-get install wrk", file=sys.stderr)
        return 69
    with tempfile.TemporaryDirectory() as scratch:
        result = measure(Path(scratch), asked.store, asked.rounds, asked.seconds, guarded=asked.guarded)
    print(json.dumps(result, indent=2) if asked.json else table(result))
    return 0


def measure(
    scratch: Path, store: Path | None, rounds: int, seconds: int, *, guarded: bool = False
) -> dict[str, Any]:
    """Start both servers, load them in turn, and return all figures."""
    store = store or make_store(scratch / "store").root
    paths = sampled_paths(store)
    secret, line = new_key("benchmark", "read")
    extra = {"EMBEDSVC_API_KEYS": line, "EMBEDSVC_RATE_LIMIT": "1000000000"} if guarded else {}
    headers = {"Authorization": f"Bearer {secret}"}
    with service(store, extra) as address:
        answers = [httpx.get(address + path, headers=headers).raise_for_status().content for path in paths]
        middle = sorted(range(len(paths)), key=lambda place: len(answers[place]))[len(paths) // 2]
        (scratch / "body").write_bytes(answers[middle])
        with constant(scratch / "body") as baseline:
            targets = {
                "constant": (baseline, ["/constant"]),
                "related": (address, paths),
                "related, one skill": (address, [paths[middle]]),
            }
            scripts = {name: lua(scratch, name, wanted, headers) for name, (_, wanted) in targets.items()}
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
            for _ in range(rounds):
                for name, (where, _) in targets.items():
                    runs[name].append(load(where, scripts[name], seconds))
    return summary(runs, len(answers[middle]))


def summary(runs: dict[str, list[dict[str, float]]], size: int) -> dict[str, Any]:
    """Requests/s of every run, and each round's ratio to the constant of the same round."""
    rates = {name: [run["requests"] / run["seconds"] for run in each] for name, each in runs.items()}
    ratios = {
        name: [rate / base for rate, base in zip(each, rates["constant"], strict=True)]
        for name, each in rates.items()
    }
    return {
        "answer_bytes": size,
        "rows": {
            name: {
                "requests_per_second": [round(rate) for rate in rates[name]],
                "ratio": {
                    "min": round(min(ratios[name]), 3),
                    "median": round(statistics.median(ratios[name]), 3),
                    "max": round(max(ratios[name]), 3),
                },
                "p50_ms": round(statistics.median(run["p50_ms"] for run in runs[name]), 3),
                "p99_ms": round(statistics.median(run["p99_ms"] for run in runs[name]), 3),
                "failed": sum(int(run["failed"]) for run in runs[name]),
            }
            for name in runs
        },
    }


def table(result: dict[str, Any]) -> str:
    """Lay the figures out for people."""
    titles = ("req/s median", "ratio min", "median", "max", "p50 ms", "p99 ms")
    widths = (13, 11, 8, 7, 8, 8)
    lines = [
        f"{'server':<20}" + "".join(f"{title:>{wide}}" for title, wide in zip(titles, widths, strict=True))
    ]
    for name, row in result["rows"].items():
        ratio, rate = row["ratio"], statistics.median(row["requests_per_second"])
        lines.append(
            f"{name:<20}{rate:>13,.0f}{ratio['min']:>11.2f}{ratio['median']:>8.2f}{ratio['max']:>7.2f}"
            f"{row['p50_ms']:>8.2f}{row['p99_ms']:>8.2f}"
            + (f"  {row['failed']} FAILED" if row["failed"] else "")
        )
    return "\n".join(
        [*lines, f"answers of {result['answer_bytes']} bytes (median), wrk -t1 -c16, one worker each"]
    )


def sampled_paths(store: Path) -> list[str]:
    """Paths that ask for skills drawn at random from the active release."""
    opened = Store(store)
    name = opened.current()
    if name is None:
        raise SystemExit("The store has no active release; activate one.")
    skills = [skill.name for skill in open_release(opened, name).lexicon]
    chosen = np.random.default_rng(0).permutation(len(skills))[:SKILLS]
    return [f"/v1/skills/{quote(skills[row], safe='')}/related?k=10" for row in chosen]


def lua(scratch: Path, name: str, paths: Sequence[str], headers: dict[str, str]) -> Path:
    """Write the script by which wrk asks for the paths in turn."""
    script = scratch / f"{name.replace(' ', '-')}.lua"
    sent = "".join(
        f"wrk.headers[{json.dumps(key)}] = {json.dumps(value)}\n" for key, value in headers.items()
    )
    script.write_text(sent + LUA % ",".join(json.dumps(path) for path in paths))
    return script


def load(address: str, script: Path, seconds: int) -> dict[str, float]:
    """Load a server for some seconds and return what wrk counted."""
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(script), address]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    line = next(line for line in told.splitlines() if line.startswith("RESULT "))
    figures: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    return figures


@contextmanager
def service(store: Path, settings: dict[str, str]) -> Iterator[str]:
    """Run the real service over the store, with its default settings but for those given."""
    start = "from embedsvc.service import run; from embedsvc.settings import Settings; run(Settings())"
    port = free_port()
    extra = {"EMBEDSVC_STORE": str(store), "EMBEDSVC_PORT": str(port), **settings}
    with running(
        [sys.executable, "-c", start], extra, f"http://127.0.0.1:{port}", "/health/ready"
    ) as address:
        yield address


@contextmanager
def constant(body: Path) -> Iterator[str]:
    """Run the baseline."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.constant_app:app", "--port", str(port)]
    quiet = ["--no-access-log", "--log-level", "warning"]
    extra = {"CONSTANT_BODY": str(body)}
    with running([*command, *quiet], extra, f"http://127.0.0.1:{port}", "/constant") as address:
        yield address


@contextmanager
def running(command: Sequence[str], extra: dict[str, str], address: str, probe: str) -> Iterator[str]:
    """Run a server until the block ends; it must answer its probe within a minute."""
    process = subprocess.Popen(command, env={**os.environ, **extra}, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while not answers(address + probe):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The server at {address} did not start.")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=60)


def answers(url: str) -> bool:
    """Tell whether a GET gives 200."""
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    raise SystemExit(main())
