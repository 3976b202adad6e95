"""Benchmarks without the packages of their baselines: one sentence that says what to install."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# As if a package were not installed, and then the benchmark as `python -m` runs it.
_WITHOUT = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
MISSING = sys.argv[2]
class Missing:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
import benchmarks
runpy.run_module("benchmarks." + sys.argv[3], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(("name", "package"), [("text", "bs4"), ("words", "gensim")])
def test_a_missing_package_is_named_with_its_extra(name: str, package: str) -> None:
    command = [sys.executable, "-c", _WITHOUT, str(BENCHMARKS.parent), package, name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"This benchmark needs '{package}', which is not installed: pip install 'embedsvc[bench]'.\n"
    )


def test_every_benchmark_is_started_as_a_module() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in BENCHMARKS.glob("*.py")}

    started = {name: text for name, text in texts.items() if '__name__ == "__main__"' in text}
    assert len(started) > 10
    assert not [name for name, text in texts.items() if re.search(r"python benchmarks/", text)]
    for name, text in started.items():
        assert f"python -m benchmarks.{name.removesuffix('.py')}" in text, name
