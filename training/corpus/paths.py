"""From the paths and patterns of a recipe to the files to read."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from embedsvc.errors import SourceNotFoundError


def shown(path: Path | str) -> str:
    """A path as text that can always be printed, also when its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files that `paths` name: patterns expanded and sorted, each file once, all there.

    Args:
        paths: Files, or patterns with `*`, `?`, `[...]` and `**` for folders at any depth. A file
            whose own name looks like a pattern is taken as the file.

    Raises:
        SourceNotFoundError: A file is missing or a folder, or a pattern matches no file.
    """
    if not paths:
        raise SourceNotFoundError("No file to read candidates from; name at least one in the recipe.")
    chosen: dict[str, Path] = {}
    for path in paths:
        try:
            for file in _matches(path):
                chosen.setdefault(os.path.realpath(file), file)
        except PermissionError as error:
            raise SourceNotFoundError(
                f"{shown(path)} is out of reach; check its folders' permissions."
            ) from error
    return list(chosen.values())


def _matches(path: Path) -> Iterator[Path]:
    if path.is_dir():
        raise SourceNotFoundError(
            f"{shown(path)} is a folder; name its files, for example {shown(path / '*.jsonl.gz')}."
        )
    if path.exists():
        yield path
        return
    if not glob.has_magic(str(path)):
        raise SourceNotFoundError(f"There is no file {shown(path)}; check the path.")
    found = [Path(name) for name in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute pattern
    files = sorted((file for file in found if file.is_file()), key=os.fsencode)
    if not files:
        raise SourceNotFoundError(f"No file matches {shown(path)}; check the pattern.")
    yield from files


def stems(files: Sequence[Path]) -> list[str]:
    """For each file a printable name without endings, to make ids from; a second of one name gets `.2`."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for file in files:
        stem = shown(file.name.split(".")[0] or file.name)
        seen[stem] = seen.get(stem, 0) + 1
        names.append(stem if seen[stem] == 1 else f"{stem}.{seen[stem]}")
    return names
