"""Stages that rotate a space just trained onto that of an earlier release."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedsvc.spaces import Space, StaticEncoder
from embedsvc.spaces.space import Matrix
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon
from training.building.corpus import digest
from training.reference import ALIGNMENT, Reference
from training.trainers.alignment import Alignment, align, neighbours_changed, rotated

TOKENS = "tokens"
VECTORS = "vectors.npy"
_COMPARED = 20_000
_ASKED = 500  # the most used skills, whose neighbours are compared before and after


def aligned_words(trained: Path, lexicon: Path, onto: Reference, folder: Path) -> None:
    """The word space, rotated by the skills it shares with another one."""
    if onto.done:
        _copied(onto.space, folder)
        return
    skills = [skill.token for skill in Lexicon.open(lexicon)]
    _aligned(Space.open(trained), digest(trained / VECTORS), skills, onto).save(folder)


def aligned_subwords(trained: Path, lexicon: Path, onto: Reference, folder: Path) -> None:
    """The subword space, rotated by the skills it shares with another one; its rows are not packed anew."""
    if onto.done:
        _copied(onto.space, folder)
        return
    skills = [skill.token for skill in Lexicon.open(lexicon)]
    space = SubwordSpace.open(trained)
    found = align(space, SubwordSpace.open(onto.space), skills)
    turned = space if found is None else space.rotated(np.asarray(found.rotation, np.float32))
    known = [row for row in map(space.row, skills[:_COMPARED]) if row is not None]
    rows = np.array(known, np.int64)
    changed = neighbours_changed(space.take(rows), turned.take(rows), _ASKED)
    turned.parameters[ALIGNMENT] = _facts(found, onto, digest(trained / VECTORS), changed)
    turned.save(folder)


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
    changed = neighbours_changed(_rows(space, asked), _rows(turned, asked), _ASKED)
    parameters = {**space.parameters, ALIGNMENT: _facts(found, onto, trained, changed)}
    return Space(turned.kind, turned.keys, turned.counts, turned.vectors, turned.output, parameters)


def _facts(found: Alignment | None, onto: Reference, trained: str, changed: int) -> dict[str, Any]:
    """What the space says of its rotation."""
    return {
        "release": onto.release,
        "vectors": onto.digest,
        "trained": trained,
        "shared": found.shared if found else 0,
        "residual": round(found.residual, 4) if found else None,
        "residual_before": round(found.before, 4) if found else None,
        "neighbours_changed": changed,
    }


def _rows(space: Space, keys: Sequence[str]) -> Matrix:
    """The vectors of at most _COMPARED keys, (n, dimension): enough to have the neighbours among."""
    return space.take(np.array(space.rows(keys[:_COMPARED]), np.int64))
