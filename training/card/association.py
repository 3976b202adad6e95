"""Associations of occupations with gendered words in the word space.

The word embedding association test of Caliskan, Bryson and Narayanan (2017), Semantics derived automatically
from language corpora contain human-like biases, Science 356. The groups are those that labour statistics of
many countries show to be mostly held by men or by women; they say what to look for, not what should be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embedsvc.spaces import Space
from training.card.measured import Association, Bias

_MALE = "he him his himself man men male boy father son brother husband gentleman"
_FEMALE = "she her hers herself woman women female girl mother daughter sister wife lady"
MALE, FEMALE = _MALE.split(), _FEMALE.split()
GROUPS = {
    "technical work and trades": (
        "engineer programmer developer architect technician mechanic electrician plumber carpenter welder "
        "machinist driver pilot foreman guard firefighter soldier farmer"
    ),
    "care, teaching and office work": (
        "nurse teacher secretary receptionist librarian hairdresser nanny housekeeper dietitian therapist "
        "counselor caregiver cleaner waitress clerk cashier bookkeeper paralegal"
    ),
    "leading": "manager director executive ceo chief president chairman head leader boss founder owner",
    "assisting": "assistant secretary receptionist clerk aide helper coordinator typist associate intern",
}
_TESTS = (
    ("technical work and trades", "care, teaching and office work"),
    ("leading", "assisting"),
)
_OTHERS = (
    "accountant auditor lawyer attorney physician surgeon dentist pharmacist analyst scientist chef cook "
    "consultant designer artist writer editor journalist photographer recruiter trainer coach supervisor "
    "salesman bartender waiter"
)
_LEAST_GENDERED = 3
_LEAST_WORDS = 4
_PERMUTATIONS = 9_999
_RANDOM_WORDS = 1_000

Float64 = npt.NDArray[np.float64]


def bias(words: Space, seed: int) -> Bias | None:
    """The tests and the single occupations, or None where the space knows too few of the words."""
    male, female = ([word for word in each if words.row(word) is not None] for each in (MALE, FEMALE))
    if min(len(male), len(female)) < _LEAST_GENDERED:
        return None
    axis = _unit(words, male).mean(axis=0) - _unit(words, female).mean(axis=0)
    groups = {
        name: [word for word in listed.split() if words.row(word) is not None]
        for name, listed in GROUPS.items()
    }
    tests = [
        _test(words, axis, (first, groups[first]), (second, groups[second]), seed)
        for first, second in _TESTS
        if min(len(groups[first]), len(groups[second])) >= _LEAST_WORDS
    ]
    named = [*(word for group in groups.values() for word in group), *_OTHERS.split()]
    occupations = [word for word in dict.fromkeys(named) if words.row(word) is not None]
    if len(occupations) < 2 * _LEAST_WORDS:
        return None
    scores = _unit(words, occupations) @ axis
    # The most frequent half: vectors of rare words are noise of their own.
    drawn = np.random.default_rng(seed).integers(0, (len(words) + 1) // 2, _RANDOM_WORDS)
    noise = _unit(words, [words.keys[row] for row in drawn.tolist()]) @ axis
    low, high = np.percentile(noise - noise.mean(), [2.5, 97.5])
    centred = (scores - scores.mean()).round(4).tolist()
    return Bias(
        male=male,
        female=female,
        tests=tests,
        occupations=dict(zip(occupations, centred, strict=True)),
        low=round(float(low), 4),
        high=round(float(high), 4),
    )


def _unit(words: Space, chosen: Sequence[str]) -> Float64:
    vectors = np.asarray(words.vectors[words.rows(chosen)], np.float64)
    unit: Float64 = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


def _test(
    words: Space, axis: Float64, first: tuple[str, list[str]], second: tuple[str, list[str]], seed: int
) -> Association:
    """The effect size, and the share of random splits of all the words that differ as much, either way."""
    scores = np.concatenate([_unit(words, first[1]) @ axis, _unit(words, second[1]) @ axis])
    count = len(first[1])
    generator = np.random.default_rng(seed)
    shuffled = generator.permuted(np.tile(scores, (_PERMUTATIONS, 1)), axis=1)
    seen = abs(scores[:count].mean() - scores[count:].mean())
    drawn = np.abs(shuffled[:, :count].mean(axis=1) - shuffled[:, count:].mean(axis=1))
    p = (1 + int((drawn >= seen - 1e-12).sum())) / (1 + _PERMUTATIONS)
    effect = (scores[:count].mean() - scores[count:].mean()) / max(float(scores.std(ddof=1)), 1e-12)
    return Association(
        first=first[0],
        second=second[0],
        first_words=first[1],
        second_words=second[1],
        effect=round(float(effect), 3),
        p=round(p, 4),
    )
