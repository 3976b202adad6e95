"""Stages that rotate a space just trained onto that of an earlier release."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedsvc.spaces import Space, StaticEncoder
from embedsvc.spaces.space import Matrix
from embedsvc.text import Lexicon
from training.building.corpus import digest
from training.reference import ALIGNMENT, Reference
from training.trainers.alignment import align, neighbours_changed, rotated

TOKENS = "tokens"
VECTORS = "vectors.npy"
_ASKED = 500  # the most used skills, whose neighbours are compared before and after


def aligned_words(trained: Path, lexicon: Path, onto: Reference, folder: Path) -> None:
    """The word space, rotated by the skills it shares with another one."""
    if onto.done:
        _copied(onto.space, folder)
        return
    skills = [skill.token for skill in Lexicon.open(lexicon)]
    _aligned(Space.open(trained), digest(trained / VECTORS), skills, onto).save(folder)


def aligned_static(trained: Path, prefixes: Sequence[int], onto: Reference, folder: Path) -> None:
    """The learned sentence encoder, rotated by the words it shares with another; prefixes stay prefixes."""
    if onto.done:
        _copied(trained, folder)
        _copied(onto.space, folder / TOKENS)
        return
    space = Space.open(trained / TOKENS)
    turned = _aligned(space, digest(trained / TOKENS / VECTORS), space.keys, onto, prefixes)
    StaticEncoder(turned).save(folder)


def _copied(space: Path, folder: Path) -> None:
    """The files of a folder, without the modes of a release, in which nothing may be written."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in space.iterdir():
        if file.is_file():
            shutil.copyfile(file, folder / file.name)


def _aligned(
    space: Space, trained: str, keys: Iterable[str], onto: Reference, prefixes: Sequence[int] = ()
) -> Space:
    asked = list(keys)
    found = align(space, Space.open(onto.space), asked, prefixes)
    # Of too few keys in common no rotation can be told; the space stays as it is.
    turned = space if found is None else rotated(space, found.rotation)
    facts: dict[str, Any] = {
        "release": onto.release,
        "vectors": onto.digest,
        "trained": trained,
        "shared": found.shared if found else 0,
        "residual": round(found.residual, 4) if found else None,
        "residual_before": round(found.before, 4) if found else None,
        "neighbours_changed": neighbours_changed(_rows(space, asked), _rows(turned, asked), _ASKED),
    }
    parameters = {**space.parameters, ALIGNMENT: facts}
    return Space(turned.kind, turned.keys, turned.counts, turned.vectors, turned.output, parameters)


def _rows(space: Space, keys: Sequence[str]) -> Matrix:
    """The vectors of at most 20,000 keys, (n, dimension): enough to have the neighbours among."""
    return np.asarray(space.vectors[space.rows(keys[:20_000])])
