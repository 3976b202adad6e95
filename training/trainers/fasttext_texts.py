"""Labelled texts as fastText reads them: lines in random order, pieces of texts, first vectors of words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedsvc.classifiers.fasttext_classifier import PREFIX
from embedsvc.spaces import Space

_END_OF_LINE = "</s>"
_SHARDS = 64
_EXCERPT = (8, 40)  # tokens


@dataclass(frozen=True)
class Written:
    """Labelled texts in a folder, as the library reads them.

    Attributes:
        folder: Also takes models.
        counts: Of the words.
    """

    folder: Path
    counts: Counter[str]

    @property
    def texts(self) -> Path:
        """The texts, one a line."""
        return self.folder / "texts.txt"

    def vectors(self, words: Space, seed: int) -> Path:
        """A file with a first vector for every word that the library will keep, written when asked for."""
        path = self.folder / "vectors.txt"
        if not path.exists():
            _write_vectors(self.counts, words, path, seed)
        return path

    def share_known(self, words: Space) -> float:
        """The share of the texts' words that the space has."""
        known = sum(count for word, count in self.counts.items() if words.row(word) is not None)
        return known / max(1, self.counts.total())


def write_lines(path: Path, documents: Iterable[tuple[Sequence[int], Sequence[str]]]) -> Path:
    """Write documents as they come: numbers of labels, and tokens."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{_marks(numbers)} {' '.join(_plain(words))}\n" for numbers, words in documents)
    return path


def _marks(numbers: Sequence[int]) -> str:
    return " ".join(f"{PREFIX}{number}" for number in numbers)


def _plain(words: Sequence[str]) -> list[str]:
    # A user's alias file may name a skill like one of fastText's labels; it must not become one.
    return [word for word in words if not word.startswith(PREFIX)]


def write_texts(
    documents: Iterable[tuple[Sequence[int], Sequence[str]]], excerpts: int, folder: Path, seed: int
) -> Written:
    """Write `texts.txt` in random order, a sixty-fourth in memory at a time; count its words.

    fastText takes texts as they come, and a source sorted by label would leave it the last label only.

    Args:
        documents: Numbers of labels, and tokens.
        excerpts: Pieces of each document to write too.
        folder: Where; made.
        seed: Of the order.
    """
    folder.mkdir()
    generator = random.Random(seed)  # noqa: S311 - order, not secrecy
    counts: Counter[str] = Counter()
    shards = [folder / f"shard-{number}" for number in range(_SHARDS)]
    with ExitStack() as stack:
        files = [stack.enter_context(shard.open("w", encoding="utf-8")) for shard in shards]
        for numbers, words in documents:
            tokens, marks = _plain(words), _marks(numbers)
            for text in (tokens, *(_excerpt(tokens, generator) for _ in range(excerpts))):
                # Every word that fastText will count twice must have a vector in the file of vectors.
                counts.update(text)
                generator.choice(files).write(f"{marks} {' '.join(text)}\n")
    with (folder / "texts.txt").open("w", encoding="utf-8") as out:
        for shard in shards:
            with shard.open(encoding="utf-8", newline="\n") as file:
                lines = file.readlines()
            generator.shuffle(lines)
            out.writelines(lines)
            shard.unlink()
    return Written(folder, counts)


def _excerpt(tokens: Sequence[str], generator: random.Random) -> Sequence[str]:
    """A piece of a document, as short as what people ask about."""
    length = min(len(tokens), generator.randint(*_EXCERPT))
    start = generator.randint(0, len(tokens) - length)
    return tokens[start : start + length]


def _write_vectors(vocabulary: Counter[str], words: Space, path: Path, seed: int) -> None:
    """Write a first vector for every word that fastText will keep."""
    chosen = [word for word in sorted(vocabulary) if vocabulary[word] > 1 or words.row(word) is not None]
    with path.open("w", encoding="utf-8") as out:
        out.write(f"{len(chosen) + 1} {words.dimension}\n")
        out.writelines(_vector_lines([_END_OF_LINE, *chosen], words, seed))


def _vector_lines(chosen: Sequence[str], words: Space, seed: int) -> Iterator[str]:
    generator = np.random.default_rng(seed)
    bound = 1.0 / words.dimension
    for word in chosen:
        row = words.row(word)
        vector = generator.uniform(-bound, bound, words.dimension) if row is None else words.vectors[row]
        yield f"{word} {' '.join(f'{value:.6g}' for value in vector.tolist())}\n"
