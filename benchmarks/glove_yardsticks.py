"""What our GloVe is measured beside: the authors' programs, plain numpy, and mittens."""

from __future__ import annotations

import contextlib
import importlib
import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.recipe import GloveSection

_BATCH = 4096  # pairs a step of the plain version


def run_stanford(
    programs: Path, text: Path, section: GloveSection, folder: Path
) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Run the authors' four programs with our parameters, in `folder`; words and vectors."""
    steps: list[tuple[str, Path, str | None, dict[str, object]]] = [
        ("vocab_count", text, "vocab", {"min-count": section.min_count}),
        ("cooccur", text, "counts", {"window-size": section.window, "vocab-file": "vocab", "memory": 4}),
        ("shuffle", folder / "counts", "shuffled", {"memory": 4, "seed": 1}),
        (
            "glove",
            text,
            None,
            {
                "input-file": "shuffled",
                "vocab-file": "vocab",
                "save-file": "vectors",
                "vector-size": section.dimension,
                "iter": section.epochs,
                "x-max": section.x_max,
                "threads": section.workers,
                "seed": 1,
                "binary": 0,
            },
        ),
    ]
    for program, source, target, knobs in steps:
        arguments = [word for name, value in knobs.items() for word in (f"-{name}", str(value))]
        with source.open("rb") as read, (folder / (target or "log")).open("wb") as written:
            subprocess.run(
                [str((programs / program).resolve()), "-verbose", "0", *arguments],
                stdin=read,
                stdout=written,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                check=True,
            )
    return _read(folder / "vectors.txt")


def _read(path: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    keys, vectors = [], []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            key, *numbers = line.split(" ")
            if key != "<unk>":
                keys.append(key)
                vectors.append(np.array(numbers, np.float32))
    return keys, np.stack(vectors)


def run_plain(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    counts: npt.NDArray[Any],
    section: GloveSection,
    words: int,
) -> int:
    """The same steps in batches of numpy, biases as two more columns: a hundred batches; pairs seen."""
    draw = np.random.default_rng(1)
    w, c = ((draw.random((words, section.dimension + 2), np.float32) - 0.5) / section.dimension for _ in "wc")
    w[:, -1], c[:, -2] = 1, 1
    w_squares, c_squares = np.ones_like(w), np.ones_like(c)
    order = draw.permutation(len(rows))[: 100 * _BATCH]
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        i, j = rows[batch], columns[batch]
        error = np.einsum("nd,nd->n", w[i], c[j]) - np.log(counts[batch])
        slope = (
            section.learning_rate * np.minimum(1, (counts[batch] / section.x_max) ** section.alpha) * error
        )
        w_step, c_step = slope[:, None] * c[j], slope[:, None] * w[i]
        np.subtract.at(w, i, w_step / np.sqrt(w_squares[i]))
        np.subtract.at(c, j, c_step / np.sqrt(c_squares[j]))
        np.add.at(w_squares, i, w_step**2)
        np.add.at(c_squares, j, c_step**2)
        w[:, -1], c[:, -2] = 1, 1
    return len(order)


def run_mittens(matrix: npt.NDArray[np.float64], section: GloveSection) -> int:
    """Full steps over the whole matrix; pairs seen."""
    model = importlib.import_module("mittens").GloVe(
        n=section.dimension,
        max_iter=section.epochs,
        xmax=section.x_max,
        alpha=section.alpha,
        learning_rate=section.learning_rate,
    )
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        model.fit(matrix)
    return int(np.count_nonzero(matrix)) * section.epochs
