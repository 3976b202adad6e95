"""Stages that make the sentence encoder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.spaces import SifEncoder, Space
from embedsvc.text import Lexicon
from training.preparation.candidate_pairs import TextPair, mine_pairs, read_pairs, write_pairs
from training.preparation.clean_corpus import CleanCorpus
from training.preparation.prepared_corpus import PreparedCorpus
from training.preparation.preparer import Preparer, Rules
from training.progress import Meter
from training.recipe import SentencesSection, StaticSection
from training.trainers.pair_batches import TextPairs
from training.trainers.sentences import start_space, train_static

_PAIRS, _REPORT = "pairs.jsonl", "report.json"
_AXES_SAMPLE = 5_000  # documents; enough for the principal axes of some hundred dimensions


def sif(corpus: Path, words: Path, section: SentencesSection, folder: Path) -> None:
    """Fit the sentence encoder `sif` on documents of the train part."""
    sample = (document.tokens for document in PreparedCorpus(corpus).sample("train", section.sample))
    SifEncoder.fit(Space.open(words), sample, a=section.a, components=section.components).save(folder)


def pairs(clean: Path, lexicon: Path, rules: Rules, max_tokens: int, folder: Path) -> None:
    """Mine pairs of texts that belong together, for a learned sentence encoder; count them by kind."""
    mined = mine_pairs(CleanCorpus(clean), Preparer(Lexicon.open(lexicon)), rules, max_tokens)
    counts = write_pairs(mined, folder / _PAIRS)
    (folder / _REPORT).write_bytes(orjson.dumps({"pairs": counts}))


def kind(pairs: Path, section: StaticSection) -> str:
    """Which encoder there are pairs enough for."""
    return "static" if _count(pairs) >= section.min_pairs else "sif"


def static(
    corpus: Path,
    words: Path,
    sif: Path,
    pairs: Path,
    section: StaticSection,
    seed: int,
    folder: Path,
    meter: Meter,
) -> None:
    """Train the sentence encoder `static` on mined pairs, from where `sif` stands.

    Raises:
        EmptyCorpusError: Fewer than two candidates have two texts to pair.
        RecipeError: Training diverged, or the word space has fewer dimensions than are wanted.
    """
    encoder = SifEncoder.open(sif, Space.open(words))
    if section.dimension > encoder.dimension:
        raise RecipeError(
            f"static.dimension is {section.dimension} and the word space has {encoder.dimension}; "
            "lower it or raise word2vec.dimension."
        )
    sample = [document.tokens for document in PreparedCorpus(corpus).sample("train", _AXES_SAMPLE)]
    start = start_space(encoder, sample, section.dimension or None)
    mined = TextPairs(mined_pairs(pairs, section.max_pairs), start)
    if len(mined) < 2:
        raise EmptyCorpusError(
            "No two pairs of texts can be learned from: candidates need a summary beside their experience or "
            'skills beside their title. Map these fields in the recipe, or set sentences.kind = "sif".'
        )
    train_static(mined, start, section, seed, meter.update).save(folder)


def mined_pairs(pairs: Path, most: int) -> Iterator[TextPair]:
    """The mined pairs, streamed; of more than `most` so many, evenly spread."""
    return read_pairs(pairs / _PAIRS, share=min(1.0, most / max(1, _count(pairs))))


def _count(pairs: Path) -> int:
    counts: dict[str, int] = orjson.loads((pairs / _REPORT).read_bytes())["pairs"]
    return sum(counts.values())
