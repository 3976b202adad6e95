"""Import into a space's folder and export from a space: whole and checked, or not at all."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embedsvc.errors import FormatError
from embedsvc.formats.base import Block, Progress, Table, fault, shown, silent
from embedsvc.formats.fasttext_bin import FastTextBin, open_model
from embedsvc.formats.fasttext_subwords import add_subwords, has_subwords
from embedsvc.formats.registry import AUTO, format_for, format_named, format_of
from embedsvc.spaces import SpaceWriter

KIND = "imported"
# What would end a key or a row in one format or another.
_CONTROLS = re.compile(r"[\t\n\r\v\f\0]")
_TOLD = 64  # characters of a key that a message repeats


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an import or an export did.

    Attributes:
        path: The folder or file that was written.
        format: The name of the format that was read or written.
        rows: Keys.
        dimension: Length of a vector.
        notes: What was lost or should be known, a sentence each.
    """

    path: Path
    format: str
    rows: int
    dimension: int
    notes: list[str]


def import_vectors(
    path: Path,
    folder: Path,
    name: str = AUTO,
    *,
    limit: int | None = None,
    progress: Progress = silent,
) -> Exchanged:
    """Read vectors into a new folder that `Space.open` opens.

    Only a block and the keys are held in memory. Nothing is left in `folder` where this fails. Of a fastText
    model with subwords the folder is a `SubwordSpace` as well.

    Args:
        path: A file, or a folder for the formats that are folders.
        folder: Must not exist yet.
        name: A format's name, or `auto` to look.
        limit: Take the first so many rows and leave the rest unread.
        progress: Told how far it is.

    Raises:
        FormatError: The file cannot be read as that format, has a key twice, an empty key, NaN or infinity,
            or `folder` exists.
    """
    chosen = format_of(path) if name == AUTO else format_named(name)
    blocks = _limited(checked(chosen.read(path, progress), path), limit)
    with _aside(folder) as place:
        first = next(blocks, None)
        if first is None:
            raise fault(path, "there is no vector in it; check where it came from.")
        counted = first.counts is not None
        dimension = first.vectors.shape[1]
        with SpaceWriter(place, KIND, dimension, {"format": chosen.name, "counted": counted}) as writer:
            writer.add(first.keys, first.vectors, first.counts)
            for block in blocks:
                writer.add(block.keys, block.vectors, block.counts)
            rows = len(writer)
        notes = [] if counted else ["The format has no counts: every key counts 0 times."]
        if isinstance(chosen, FastTextBin):
            notes += _subwords(path, place, progress)
    return Exchanged(folder, chosen.name, rows, dimension, notes)


def export_vectors(
    table: Table,
    path: Path,
    name: str = AUTO,
    *,
    spaces_as: str | None = None,
    progress: Progress = silent,
) -> Exchanged:
    """Write a table into a new file or folder, which is there whole or not at all.

    Args:
        table: Keys and vectors.
        path: Must not exist yet.
        name: A format's name, or `auto` to go by the name of `path`.
        spaces_as: Stands for each space of a key, where the format cannot hold spaces.
        progress: Told how far it is.

    Raises:
        FormatError: `path` exists, or the format cannot hold a key or the vectors.
    """
    chosen = format_for(path) if name == AUTO else format_named(name)
    if not len(table):
        raise FormatError("There is no key to export; choose another space.")
    table, notes = _spelled(table, chosen.unwritable, chosen.name, spaces_as)
    with _aside(path) as place:
        notes += chosen.write(_finite(table), place, progress)
    return Exchanged(path, chosen.name, len(table), table.dimension, notes)


def checked(blocks: Iterator[Block], path: Path) -> Iterator[Block]:
    """The same blocks, refused where a space could not hold them.

    Raises:
        FormatError: An empty key, a key twice, a control character in a key, NaN or infinity; says which row.
    """
    seen: set[str] = set()
    row = 0
    for block in blocks:
        for place, key in enumerate(block.keys, row + 1):
            if not key:
                raise fault(path, f"the key of row {place:,} is empty; give it one or remove the row.")
            if key in seen:
                raise fault(path, f"row {place:,} repeats the key {_told(key)}; remove one of the two.")
            if _CONTROLS.search(key):
                raise fault(
                    path, f"the key of row {place:,} holds a tab, a line break or a NUL; mend or remove it."
                )
            seen.add(key)
        broken = ~np.isfinite(block.vectors).all(axis=1)
        if broken.any():
            place = row + int(broken.argmax()) + 1
            raise fault(path, f"the vector of row {place:,} holds NaN or infinity (as float32); remove it.")
        row += len(block.keys)
        yield block


def _subwords(path: Path, folder: Path, progress: Progress) -> list[str]:
    model = open_model(path)
    if not has_subwords(model):
        return ["The model has no subwords: a word that it has not seen has no vector."]
    add_subwords(model, folder, progress)
    return [f"Words that it has not seen have vectors too, by {model.subwords.buckets:,} rows of subwords."]


def _limited(blocks: Iterator[Block], limit: int | None) -> Iterator[Block]:
    left = limit
    for block in blocks:
        if left is None or len(block.keys) < left:
            yield block
            left = None if left is None else left - len(block.keys)
            continue
        counts = None if block.counts is None else block.counts[:left]
        yield Block(block.keys[:left], block.vectors[:left], counts)
        return


def _spelled(table: Table, unwritable: str, name: str, spaces_as: str | None) -> tuple[Table, list[str]]:
    """The table with keys that the format can hold, and what was changed in them."""
    keys, changed = table.keys, 0
    if spaces_as is not None and " " in unwritable:
        if any(map(spaces_as.__contains__, unwritable)):
            raise FormatError(f"{spaces_as!r} cannot stand for a space in {name}; use '_' for example.")
        changed = sum(" " in key for key in keys)
        keys = [key.replace(" ", spaces_as) for key in keys]
    bad = re.compile(f"[{re.escape(unwritable)}]|^$")
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise FormatError(
                f"Two keys would be called {_told(key)}; let something else stand for a space (--spaces-as)."
            )
        seen.add(key)
        if bad.search(key):
            raise FormatError(
                f"The key {_told(key)} cannot be written as {name}: it is empty or holds white space the "
                "format cannot keep; say what shall stand for a space, --spaces-as _ for example, or choose "
                "magnitude or projector."
            )
    notes = [f"Keys written with {spaces_as!r} for a space: {changed:,}."] if changed else []
    return replace(table, keys=keys), notes


class _Finite(Table):
    """A table whose blocks are looked at on their way out."""

    def blocks(self) -> Iterator[Block]:
        row = 0
        for block in Table.blocks(self):
            broken = ~np.isfinite(block.vectors).all(axis=1)
            if broken.any():
                key = block.keys[int(broken.argmax())]
                raise FormatError(
                    f"The vector of {_told(key)} (row {row + int(broken.argmax()) + 1:,}) holds NaN or "
                    "infinity; train the space again."
                )
            row += len(block.keys)
            yield block


def _finite(table: Table) -> Table:
    return _Finite(table.keys, table.matrix, table.rows, table.counts, table.subwords)


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to, which takes its name at the end and is removed after an error.

    Raises:
        FormatError: `path` exists, or its folder does not.
    """
    if path.exists() or path.is_symlink():
        raise FormatError(f"{shown(path)} exists already; choose another name or remove it.")
    if not path.absolute().parent.is_dir():
        raise FormatError(f"The folder of {shown(path)} does not exist; make it first.")
    place = path.absolute().with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        yield place
        place.rename(path.absolute())
    finally:
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def _told(key: str) -> str:
    return repr(key if len(key) <= _TOLD else f"{key[:_TOLD]}...")
