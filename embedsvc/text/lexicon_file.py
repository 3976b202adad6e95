"""The files of a lexicon: two Arrow IPC files, read by memory map.

    skills.arrow    row int32, name utf8, token utf8, candidates int64, as_word float64, as_name float64;
                    row = position in the file
    aliases.arrow   surface utf8, row int32 (into skills.arrow), candidates int64, source utf8,
                    as_word float64, as_name float64

Both carry the schema metadata `embedsvc: lexicon/2`. Files of format lexicon/1, which lack the last two
columns of each, are read too: their forms are unmeasured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from embedsvc.errors import ReleaseCorruptError
from embedsvc.text.skills import Alias, Skill

_FORMAT = {b"embedsvc": b"lexicon/2"}
_OLD_FORMAT = {b"embedsvc": b"lexicon/1"}
_SHARES = [("as_word", pa.float64()), ("as_name", pa.float64())]
_SKILLS = pa.schema(
    [("row", pa.int32()), ("name", pa.utf8()), ("token", pa.utf8()), ("candidates", pa.int64()), *_SHARES],
    metadata=_FORMAT,
)
_ALIASES = pa.schema(
    [
        ("surface", pa.utf8()),
        ("row", pa.int32()),
        ("candidates", pa.int64()),
        ("source", pa.utf8()),
        *_SHARES,
    ],
    metadata=_FORMAT,
)


def write(folder: Path, skills: Sequence[Skill], aliases: Sequence[Alias]) -> None:
    """Write both files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "skills.arrow", _SKILLS, skills)
    _write(folder / "aliases.arrow", _ALIASES, aliases)


def _write(path: Path, schema: Any, records: Sequence[Skill] | Sequence[Alias]) -> None:
    columns = {name: [getattr(record, name) for record in records] for name in schema.names}
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.table(columns, schema=schema))


def read(folder: Path) -> tuple[list[Skill], list[Alias]]:
    """Read both files.

    Raises:
        ReleaseCorruptError: A file is missing, cut short, of another format, or its rows do not fit.
    """
    skills = [Skill(*values) for values in _read(folder / "skills.arrow", _SKILLS)]
    aliases = [Alias(*values) for values in _read(folder / "aliases.arrow", _ALIASES)]
    in_order = all(skill.row == row for row, skill in enumerate(skills))
    unique = len({skill.token for skill in skills}) == len(skills)
    if not (in_order and unique and all(0 <= alias.row < len(skills) for alias in aliases)):
        raise _corrupt(folder, "its rows do not fit together")
    return skills, aliases


def _read(path: Path, schema: Any) -> list[tuple[Any, ...]]:
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            if not any(reader.schema.equals(known, check_metadata=True) for known in (schema, _old(schema))):
                raise _corrupt(path, "it is not a lexicon of format lexicon/2 or lexicon/1")
            table = reader.read_all()
            table.validate(full=True)
            return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    except (OSError, pa.ArrowInvalid) as fault:
        raise _corrupt(path, "it is missing or cut short") from fault


def _old(schema: Any) -> Any:
    return pa.schema(list(schema)[: -len(_SHARES)], metadata=_OLD_FORMAT)


def _corrupt(path: Path, why: str) -> ReleaseCorruptError:
    return ReleaseCorruptError(
        f"The lexicon file {path.name} cannot be used: {why}. Activate another release or train again.",
        details={"file": path.name},
    )
