"""From a source of the recipe to the files, table or collection it names."""

from __future__ import annotations

from pathlib import Path

from training.corpus import bytestream
from training.corpus.origin import Origin, Place
from training.corpus.sources.address import expanded, kind_of
from training.corpus.sources.delimited import Delimited, Dialect
from training.corpus.sources.json_array import JsonArray
from training.corpus.sources.json_lines import JsonLines
from training.corpus.sources.local import local_files
from training.corpus.sources.mongo import MongoOrigin
from training.corpus.sources.parquet import Parquet
from training.corpus.sources.remote import remote_files
from training.corpus.sources.spec import Format, Source
from training.corpus.sources.sql import SqlOrigin

_PACKED = {".gz", ".zst", ".zstd"}
_BY_NAME: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_PEEKED = 1 << 16
_BOM = b"\xef\xbb\xbf"


def open_source(source: Source, folder: Path) -> list[Origin]:
    """What a source names, looked up but not read.

    Args:
        source: As the recipe has it.
        folder: What its relative paths are relative to.

    Raises:
        RecipeError: Keys that do not go together, or a variable that is not set.
        SourceNotFoundError: Nothing is there.
        OptionalDependencyError: A library that this kind of source needs is not installed.
    """
    if source.url is None:
        places = local_files([folder / Path(source.path or "").expanduser()])
        return [of_file(place, source) for place in places]
    url = expanded(source.url)
    kind = kind_of(url) or "files"
    source.check(kind)
    if kind == "sql":
        return [SqlOrigin(url, source.fields, folder, table=source.table, query=source.query)]
    if kind == "mongo":
        return [MongoOrigin(url, source.collection or "", source.fields)]
    return [of_file(place, source) for place in remote_files(url)]


def of_file(place: Place, source: Source) -> Origin:
    """The origin that reads a file in the format that `source` says."""
    kind = format_of(place) if source.format == "auto" else source.format
    if kind == "parquet":
        return Parquet(place, source.fields)
    if kind in {"csv", "tsv"}:
        delimiter = source.delimiter or ("\t" if kind == "tsv" else None)
        return Delimited(
            place, source.fields, Dialect(delimiter, source.quote, source.encoding, source.columns)
        )
    return JsonArray(place) if kind == "json" else JsonLines(place)


def format_of(place: Place) -> Format:
    """The format of a file, by the ending of its name, else by its first bytes.

    A pipe, and any other file that can be read only once, is taken as JSON Lines.
    """
    ending = next((suffix for suffix in reversed(place.suffixes) if suffix not in _PACKED), "")
    if ending in _BY_NAME:
        return _BY_NAME[ending]
    if not place.lasting:
        return "jsonl"
    with place.open() as raw:
        if raw.read(4) == b"PAR1":
            return "parquet"
    with bytestream.opened(place, lambda _: None) as stream:
        head = stream.file.peek(_PEEKED)[:_PEEKED].removeprefix(_BOM).lstrip()
    if head.startswith(b"["):
        return "json"
    # An object over several lines: its first line is no object yet.
    first, _, more = head.partition(b"\n")
    alone = first.rstrip().endswith(b"}") or not more
    return "jsonl" if ending != ".json" or alone else "json"
