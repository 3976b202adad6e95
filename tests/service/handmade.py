"""A release made by hand, small enough to know every answer."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import fasttext
import numpy as np

from embedsvc.classifiers import FastTextClassifier
from embedsvc.queries import make_canary
from embedsvc.releases import Store, layout
from embedsvc.releases.candidates import CandidateTableWriter
from embedsvc.releases.evidence import Evidence
from embedsvc.releases.opening import open_folder
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.noise_floor import NoiseFloor, save_noise
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable, get_backend

SKILLS = (
    "php",
    "javascript",
    "c#",
    "ci/cd",
    "pl/sql",
    "c++",
    "machine learning",
    "payroll",
    ".net",
    "日本語",
)
WIDTH = 5

VECTORS = {
    "php": (1.0, 0.0, 0.0, 0.0),
    "javascript": (0.8, 0.6, 0.0, 0.0),
    "payroll": (0.0, 0.0, 1.0, 0.0),
    "accountant": (0.0, 0.0, 1.0, 0.0),
    "nurse": (0.0, 0.0, 0.0, 1.0),
}
CANDIDATES = (
    ("c1", "PHP developer", "it", VECTORS["php"]),
    ("c2", "Payroll accountant", "finance", VECTORS["payroll"]),
    ("c3", "Nurse", None, VECTORS["nurse"]),
)
NOISE = {
    "similar": NoiseFloor(9, 0.2, 0.1, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "sentences": NoiseFloor(9, 0.3, 0.1, (0.0, 0.2, 0.4, 0.6, 0.8)),
}


def neighbours(skill: str, k: int = WIDTH, best: float = 0.9) -> list[tuple[str, float]]:
    """What `similar` answers: the skills that follow in SKILLS, scores falling by 0.1."""
    start = SKILLS.index(skill) + 1
    return [(SKILLS[(start + step) % len(SKILLS)], round(best - step / 10, 4)) for step in range(k)]


def publish(store: Store, name: str, best: float = 0.9) -> None:
    """Publish a release whose best neighbours score `best`; `used_with` goes the other way round.

    Of random skills half score 0.1 and one in 10,000 scores 0.5, so that 0.75 is half way from 0.8 to 1; of
    random sentences they score 0 and 0.8.
    """
    rows = np.arange(len(SKILLS))[:, None]
    steps = np.arange(1, WIDTH + 1)
    scores = np.tile(best - np.arange(WIDTH) / 10, (len(SKILLS), 1)).astype(np.float32)
    words = Space(
        "word2vec",
        list(VECTORS),
        np.ones(len(VECTORS), np.int64),
        np.array(list(VECTORS.values()), np.float32),
    )
    with store.draft(name) as draft:
        _lexicon().save(draft.path / layout.LEXICON)
        words.save(draft.path / layout.WORDS)
        plain = np.zeros((0, 4), np.float32)
        SifEncoder(words, np.ones(len(words), np.float32), plain, 1.0).save(draft.path / layout.SENTENCES)
        for relation, direction in (("similar", 1), ("used_with", -1)):
            table = NeighbourTable.from_rows((rows + direction * steps) % len(SKILLS), scores)
            table.save(draft.path / layout.RELATIONS[relation])
        together = np.full((len(SKILLS), WIDTH), 9, np.int32)
        named = np.array([skill.candidates for skill in _lexicon()], np.int32)
        counted = Evidence(1_000, 5, named, {"similar": together, "used_with": together // 2})
        counted.save(draft.path / layout.EVIDENCE)
        _candidates(draft.path / layout.CANDIDATES)
        (draft.path / layout.CALIBRATION).mkdir()
        save_noise(NOISE, draft.path / layout.CALIBRATION)
        _classifier().save(draft.path / layout.CLASSIFIERS / "label")
        release = open_folder(draft.path, name, {})
        draft.publish(recipe={}, metrics={}, canary=make_canary(release))


def _lexicon() -> Lexicon:
    skills = [Skill(row, name, name.replace(" ", "_"), 100 - 10 * row) for row, name in enumerate(SKILLS)]
    return Lexicon(skills, [Alias("JS", 1, 7, "mined"), Alias("ML", 6, 0, "user")])


def _candidates(folder: Path) -> None:
    vectors = np.array([vector for *_, vector in CANDIDATES], np.float32)
    get_backend("exact").build(vectors, metric="cosine").save(folder)
    with CandidateTableWriter(folder) as table:
        table.write([(key, title, label, "2026-01-01") for key, title, label, _ in CANDIDATES])


def _classifier() -> FastTextClassifier:
    lines = ["__label__0 php javascript developer", "__label__1 payroll accountant ledger"] * 50
    with TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        path.write_text("\n".join(lines) + "\n")
        # fastText initialises a tenth of its input matrix per thread: fewer than 11 leave garbage in it.
        model = fasttext.train_supervised(str(path), dim=8, epoch=20, lr=0.2, thread=12, seed=1, verbose=0)
    return FastTextClassifier(model, ["it", "finance"])
