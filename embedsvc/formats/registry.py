"""All formats, found by their name, by what a file holds, or by how a new file is to be called."""

from __future__ import annotations

from pathlib import Path

from embedsvc.errors import FormatError
from embedsvc.formats.base import Format, fault, shown
from embedsvc.formats.decimal_text import is_number
from embedsvc.formats.fasttext_bin import FastTextBin
from embedsvc.formats.fasttext_writing import MAGIC as FASTTEXT_MAGIC
from embedsvc.formats.glove import Glove
from embedsvc.formats.magnitude import SQLITE_MAGIC, Magnitude
from embedsvc.formats.projector import VECTORS, Projector
from embedsvc.formats.static_model import StaticModel
from embedsvc.formats.stream import ByteSource
from embedsvc.formats.word2vec import Word2VecBinary, Word2VecText, parse_header

_ALL: tuple[Format, ...] = (
    Word2VecText(),
    Word2VecBinary(),
    Glove(),
    FastTextBin(),
    Magnitude(),
    Projector(),
    StaticModel(),
)
FORMATS: dict[str, Format] = {each.name: each for each in _ALL}
AUTO = "auto"
# Enough of the second line to tell text from raw floats.
_SAMPLE = 4096


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        FormatError: There is none.
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise FormatError(
            f"There is no format '{name}'; use one of: {', '.join(FORMATS)}.",
            details={"known": list(FORMATS)},
        ) from None


def format_for(path: Path) -> Format:
    """The format that a new file's name asks for.

    Raises:
        FormatError: The name says nothing; a format has to be named.
    """
    for each in _ALL:
        if path.suffix.lower() in each.suffixes:
            return each
    raise FormatError(
        f"The name {shown(path)} does not say which format is wanted; name one: --format "
        f"{' | '.join(FORMATS)}."
    )


def format_of(path: Path) -> Format:
    """The format of a file or folder, by what it holds.

    Raises:
        FormatError: It is none of ours, is not there, or would have to be unpickled.
    """
    if path.is_dir():
        return FORMATS["projector" if (path / VECTORS).exists() else "sentence-transformers"]
    if path.suffix.lower() in FORMATS["projector"].suffixes:
        return FORMATS["projector"]
    with ByteSource(path) as source:
        if source.head.startswith(SQLITE_MAGIC):
            return FORMATS["magnitude"]
        if source.head.startswith(FASTTEXT_MAGIC):
            return FORMATS["fasttext"]
        first = source.line()
        header = parse_header(first)
        if header is not None:
            return FORMATS["word2vec" if _is_text(source.read(_SAMPLE), header[1]) else "word2vec-binary"]
    fields = first.split()
    if len(fields) > 1 and is_number(fields[-1]):
        return FORMATS["glove"]
    raise fault(path, f"no format is recognised; name one: --format {' | '.join(FORMATS)}.")


def _is_text(sample: bytes, dimension: int) -> bool:
    """Whether what follows a header is decimal numbers; the last field may be cut, so it does not count."""
    line, feed, _ = sample.partition(b"\n")
    whole = bool(feed) or len(sample) < _SAMPLE
    fields = line.split()
    numbers = fields[-dimension:] if whole else fields[1:-1]
    return len(fields) > 1 and bool(numbers) and all(map(is_number, numbers))
