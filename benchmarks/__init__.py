"""Benchmarks: `python -m benchmarks.<name>` from a checkout; each prints its baselines in the same run.

What a baseline needs is in the extra `bench`. Where a package is missing, any of them says so in a sentence.
"""

from __future__ import annotations

import sys
from types import TracebackType

_TRANSFORMER = {"onnxruntime", "sentence_transformers", "tokenizers", "torch"}
_otherwise = sys.excepthook


def _in_a_sentence(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What is missing and how to install it; every other error as ever."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        _otherwise(kind, error, trace)
        return
    package = error.name.partition(".")[0]
    extra = "transformer" if package in _TRANSFORMER else "bench"
    sys.stderr.write(
        f"This benchmark needs '{package}', which is not installed: pip install 'embedsvc[{extra}]'.\n"
    )


sys.excepthook = _in_a_sentence
