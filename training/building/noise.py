"""The stage that measures noise floors: what random pairs of a space score."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embedsvc.spaces import Space, TextEncoder, open_encoder
from embedsvc.spaces.noise_floor import NoiseFloor, pair_scores, save_noise
from embedsvc.spaces.space import Matrix
from embedsvc.text import Lexicon
from training.preparation.prepared_corpus import PreparedCorpus
from training.recipe import RelationsSection

_DRAWN = 2_000  # skills or sentences; two million pairs, of which two hundred are the rarest in 10,000


def calibration(
    lexicon: Path,
    corpus: Path,
    words: Path,
    sentences: Path,
    section: RelationsSection,
    seed: int,
    folder: Path,
) -> None:
    """Measure the noise floor of `similar` and of the sentence encoder; a space of one thing has none."""
    space = Space.open(words)
    drawn = {
        "similar": skill_vectors(Lexicon.open(lexicon), space, section.min_candidates, seed),
        "sentences": sentence_vectors(PreparedCorpus(corpus), open_encoder(sentences, space), seed),
    }
    scores = {name: pair_scores(vectors) for name, vectors in drawn.items()}
    save_noise({name: NoiseFloor.measured(found) for name, found in scores.items() if len(found)}, folder)


def skill_vectors(lexicon: Lexicon, words: Space, min_candidates: int, seed: int) -> Matrix:
    """Vectors of skills drawn from all that can be a neighbour in `similar`, (at most _DRAWN, dimension)."""
    rows = [words.row(skill.token) for skill in lexicon if skill.candidates >= min_candidates]
    known = np.array([row for row in rows if row is not None], np.int64)
    chosen = np.random.default_rng(seed).permutation(known)[:_DRAWN]
    return np.asarray(words.vectors[np.sort(chosen)], np.float32)


def sentence_vectors(corpus: PreparedCorpus, encoder: TextEncoder, seed: int) -> Matrix:
    """Vectors of different sentences drawn from the train part, (at most _DRAWN, dimension)."""
    total = corpus.report().sentences
    wanted = np.random.default_rng(seed).choice(total, min(total, 2 * _DRAWN), replace=False).tolist()
    places = set(wanted)
    with corpus.text.open(encoding="utf-8") as lines:
        drawn = {number: line for number, line in enumerate(lines) if number in places}
    # Headings and stock phrases come again and again, and the same sentence twice is no random pair.
    different = dict.fromkeys(drawn[number] for number in wanted)
    texts = [line.split() for line in list(different)[:_DRAWN]]
    return encoder.encode(texts)
