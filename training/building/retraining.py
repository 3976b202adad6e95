"""The stage that trains the words once more, to see what comes again; bounded in cost."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from embedsvc.text import Lexicon
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter
from training.recipe import EvaluationSection, RelationsSection, Word2VecSection
from training.trainers.relations import similar_table
from training.trainers.word2vec import train_word2vec

_NEIGHBOURS = 10  # as many as stability looks at


def retrained(
    corpus: Path,
    lexicon: Path,
    section: EvaluationSection,
    words: Word2VecSection,
    relations: RelationsSection,
    seed: int,
    folder: Path,
    meter: Meter,
) -> None:
    """The neighbour table of `similar` after another training of the words, as `section.stability` says."""
    prepared = PreparedCorpus(corpus)
    share = min(1.0, section.stability_tokens / max(1, prepared.report().tokens))
    generator = np.random.default_rng(seed)
    scratch = folder / "drawn"
    scratch.mkdir()
    text, lists = (
        drawn(file, scratch / file.name, share, generator, again=section.stability == "bootstrap")
        for file in (prepared.text, prepared.lists)
    )
    space = train_word2vec(text, lists, words, seed + 1, meter.update)
    shutil.rmtree(scratch)
    known = Lexicon.open(lexicon)
    # The same lists as the first time, so that what differs is the words.
    table = similar_table(
        known,
        space,
        prepared.skill_rows(known),
        neighbours=_NEIGHBOURS,
        min_candidates=relations.min_candidates,
        lift=relations.lift,
        damping=relations.damping,
    )
    table.save(folder)


def drawn(lines: Path, into: Path, share: float, generator: np.random.Generator, *, again: bool) -> Path:
    """A file of lines drawn from another one.

    Args:
        lines: The other one.
        into: Where to write.
        share: Of the lines.
        generator: Draws.
        again: Whether a line may be drawn again: each comes a number of times that is Poisson distributed,
            as in a bootstrap of many lines. Without, and with all lines wanted, it is the file itself.
    """
    if share >= 1.0 and not again:
        return lines
    with lines.open("rb") as source, into.open("wb") as target:
        for line in source:
            count = generator.poisson(share) if again else generator.random() < share
            target.write(line * int(count))
    return into
