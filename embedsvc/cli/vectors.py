"""`embedsvc export` and `import`: vectors in the formats other tools read and write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embedsvc.cli.releases import DEFAULT_STORE, StorePath
from embedsvc.cli.screen import AsJson, print_json, say
from embedsvc.errors import NoActiveReleaseError, UnknownNameError

if TYPE_CHECKING:
    from embedsvc.formats import Exchanged, Table

_SPACES = ("words", "skills", "glove", "fasttext")
# Spaces that a release has where its recipe asks for them, and what they are called.
_ASKED_FOR = {"glove": "GloVe", "fasttext": "fastText"}
FormatName = Annotated[
    str,
    typer.Option(
        "--format",
        help="word2vec, word2vec-binary, glove, fasttext, magnitude, projector, sentence-transformers, or "
        "auto: by what a file holds, or by the name of a new one.",
    ),
]


def export(
    out: Annotated[
        Path, typer.Option(help="The new file, or folder for projector and sentence-transformers.")
    ],
    name: FormatName = "auto",
    space: Annotated[
        str,
        typer.Option(
            help="words: every token; skills: every skill under its name; glove and fasttext: every token, "
            "where the recipe asked for that space."
        ),
    ] = "words",
    release: Annotated[str | None, typer.Option(help="A release; the live one where left out.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Export the space in this folder, as import makes it, instead.")
    ] = None,
    spaces_as: Annotated[
        str | None, typer.Option(help="Stands for a space in a key where the format can hold none.")
    ] = None,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write a release's vectors, or a folder's, for other tools."""
    from embedsvc.formats import export_vectors
    from training.progress import reporter

    table = _of_folder(folder) if folder else _of_release(store, release, space)
    with reporter().stage("export") as meter:
        done = export_vectors(table, out, name, spaces_as=spaces_as, progress=meter.update)
    _tell(done, as_json=as_json)


def import_(
    path: Annotated[Path, typer.Argument(help="The file or folder with vectors; plain or gzip.")],
    out: Annotated[Path, typer.Option(help="The new folder of the space.")],
    name: FormatName = "auto",
    limit: Annotated[int | None, typer.Option(help="Take the first so many keys only.", min=1)] = None,
    as_json: AsJson = False,
) -> None:
    """Read vectors that other tools wrote into a space's folder."""
    from embedsvc.formats import import_vectors
    from training.progress import reporter

    with reporter().stage("import") as meter:
        done = import_vectors(path, out, name, limit=limit, progress=meter.update)
    _tell(done, as_json=as_json)


def _of_folder(folder: Path) -> Table:
    from embedsvc.formats import Table
    from embedsvc.spaces import Space
    from embedsvc.spaces.subword_space import SubwordSpace

    if (folder / "bucket_ids.npy").is_file():
        return Table.of_subwords(SubwordSpace.open(folder))
    return Table.of_space(Space.open(folder))


def _of_release(path: Path, name: str | None, space: str) -> Table:
    from embedsvc.formats import Table
    from embedsvc.releases import Store, layout
    from embedsvc.releases.opening import open_release

    if space not in _SPACES:
        raise UnknownNameError(
            f"There is no space '{space}' to export; use one of: {', '.join(_SPACES)}.",
            details={"known": list(_SPACES)},
        )
    store = Store(path)
    name = name or store.current()
    if name is None:
        raise NoActiveReleaseError(f"No release is active in {path}; name one with --release.")
    if space in _ASKED_FOR:
        folder = store.path(name) / {"glove": layout.GLOVE, "fasttext": layout.FASTTEXT}[space]
        if not folder.is_dir():
            raise UnknownNameError(
                f"Release {name} has no {_ASKED_FOR[space]} space; set `enabled = true` in the recipe's "
                f"[{space}] and train.",
                details={"known": ["words", "skills"]},
            )
        return _of_folder(folder)
    opened = open_release(store, name)
    if space == "words":
        return Table.of_space(opened.words)
    rows = ((skill, opened.words.row(skill.token)) for skill in opened.lexicon)
    known = [(skill.name, row, skill.candidates) for skill, row in rows if row is not None]
    return Table.of_rows(opened.words, known)


def _tell(done: Exchanged, *, as_json: bool) -> None:
    from embedsvc.formats.base import shown

    if as_json:
        print_json(
            {
                "path": shown(done.path),
                "format": done.format,
                "rows": done.rows,
                "dimension": done.dimension,
                "notes": done.notes,
            }
        )
        return
    say(f"{done.rows:,} vectors of {done.dimension:,} dimensions ({done.format}) in {shown(done.path)}.")
    for note in done.notes:
        say(f"  {note}")
