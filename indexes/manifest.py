"""`index.json`: what lies in an index folder, and the checks that refuse a damaged or foreign one.

Arrays are plain `.npy` files without pickles. `index.json` is written last, so a folder whose saving was
cut short is not an index.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from indexes.errors import CorruptIndexError

NAME = "index.json"
FORMAT = 1
_LARGEST_MANIFEST = 1 << 20
_MOST_DIMENSIONS = 1 << 20
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")

S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True)
class FileStamp:
    """Size in bytes and sha256 (hexadecimal) of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The content of `index.json`.

    Attributes:
        backend: a name known to `indexes.registry`, or "neighbours".
        metric: the metric of the scores.
        dimension: components of a vector; columns of a neighbour table.
        size: rows.
        args: the backend's arguments, as its dataclass has them.
        files: file name -> its stamp.
    """

    backend: str
    metric: str
    dimension: int
    size: int
    args: dict[str, Any]
    files: dict[str, FileStamp]

    def require(self, folder: Path, *names: str) -> None:
        """Raise `CorruptIndexError` unless every one of `names` is among the files of `folder`."""
        absent = [name for name in names if name not in self.files]
        if absent:
            raise CorruptIndexError(f"{folder / NAME} does not name {absent[0]}: build the index again")


def write_manifest(
    folder: Path,
    names: Sequence[str],
    *,
    backend: str,
    metric: str,
    dimension: int,
    size: int,
    args: dict[str, Any],
) -> None:
    """Stamp the files `names` of `folder` and write its `index.json`."""
    stamps = {
        name: FileStamp((folder / name).stat().st_size, _sha256(folder / name)) for name in sorted(names)
    }
    manifest = Manifest(backend, metric, dimension, size, args, stamps)
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=2, sort_keys=True)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path, *, verify: bool = False) -> Manifest:
    """Read `index.json` and check that each file it names is there with its size.

    Args:
        folder: an index folder.
        verify: also read every file whole and compare its sha256.

    Raises:
        FileNotFoundError: there is no such folder.
        CorruptIndexError: it is not an index, or not as it was saved.
    """
    path = folder / NAME
    if not path.is_file() and folder.is_dir():
        raise CorruptIndexError(f"{folder} holds no {NAME}: it is not an index, or its saving was cut short")
    with path.open("rb") as file:
        raw = file.read(_LARGEST_MANIFEST + 1)
    manifest = _parse(raw, path)
    for name, stamp in manifest.files.items():
        check_file(folder / name, stamp, verify=verify)
    return manifest


def _parse(raw: bytes, path: Path) -> Manifest:
    try:
        if len(raw) > _LARGEST_MANIFEST:
            raise ValueError("it is too large")
        content = json.loads(raw)
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise ValueError(f"it is not of format {FORMAT}")
        files = {name: FileStamp(**stamp) for name, stamp in content.pop("files").items()}
        manifest = Manifest(**content, files=files)
        _check_types(manifest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CorruptIndexError(f"{path} cannot be read ({error}): build the index again") from error
    return manifest


def _check_types(manifest: Manifest) -> None:
    counts = [manifest.dimension, manifest.size, *(stamp.bytes for stamp in manifest.files.values())]
    if any(type(count) is not int or count < 0 for count in counts):
        raise ValueError("a size is not a whole number")
    if manifest.dimension > _MOST_DIMENSIONS:
        raise ValueError(f"it speaks of {manifest.dimension} dimensions")
    words = [manifest.backend, manifest.metric, *(stamp.sha256 for stamp in manifest.files.values())]
    if any(type(word) is not str for word in words) or type(manifest.args) is not dict:
        raise ValueError("a field has the wrong type")
    strange = [name for name in manifest.files if not _PLAIN_NAME.fullmatch(name) or name == NAME]
    if strange:
        raise ValueError(f"it names the file {strange[0]!r}")


def check_file(path: Path, stamp: FileStamp, *, verify: bool) -> None:
    """Raise `CorruptIndexError` unless the file is there with its size and, if `verify`, its sha256."""
    if not path.is_file():
        raise CorruptIndexError(f"{path} is missing: build the index again")
    found = path.stat().st_size
    if found != stamp.bytes:
        raise CorruptIndexError(f"{path} has {found} bytes instead of {stamp.bytes}: build the index again")
    if verify and _sha256(path) != stamp.sha256:
        raise CorruptIndexError(f"{path} is not what was saved (its sha256 differs): build the index again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write `array` as `.npy`; unlike `numpy.save` a full disk raises the system's own `OSError`."""
    plain = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(plain))
        file.write(plain.data)


def load_array(path: Path, dtype: type[S], shape: tuple[int, ...], *, mmap: bool = True) -> npt.NDArray[S]:
    """Open a read-only array saved by `save_array`, by memory map if `mmap`.

    Raises:
        CorruptIndexError: not a `.npy` file, or of another type or shape.
    """
    mapped = mmap and 0 not in shape  # nothing cannot be mapped
    try:
        array = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (ValueError, EOFError, TypeError, SyntaxError, OverflowError) as error:
        raise CorruptIndexError(f"{path} cannot be read ({error}): build the index again") from error
    if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != shape:
        raise CorruptIndexError(
            f"{path} is not an array {np.dtype(dtype)} of shape {shape}: build the index again"
        )
    # A plain view: indexing numpy.memmap costs microseconds each time. The view keeps the map open.
    plain = np.asarray(np.ascontiguousarray(array))
    plain.flags.writeable = False
    return plain
