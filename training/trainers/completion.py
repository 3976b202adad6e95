"""Completion of skill lists: evidence of pairs, and a network that learns how much each of it says.

The network learns from questions: of a list one skill is hidden, and all that is known of pairs is put back
to what it would be, had that list not been learned from. EASE allows that exactly (`EaseWeights.without`),
counts do by subtraction. Without it the network would learn to trust what each list says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.completion import FEATURES, Completer, Network, Pairs, PairTable, gather
from embedsvc.spaces.completion.completer import words_of
from embedsvc.spaces.completion.evidence import Words
from training.recipe import CompletionSection, RelationsSection
from training.trainers.cooccurrence import cooccurrences
from training.trainers.ease import EaseWeights
from training.trainers.listwise import Progress, Questions, fit
from training.trainers.relations import votes_for

LENGTH_POWER: Final = 0.5  # of lists in EASE, as for the table of `used_with`
_HELD = 0.1  # of the questions, that the network does not learn from
_FIRST = 10  # places that count as found
_TOLD = 100  # questions from one word of progress to the next
_NONE = Pairs(np.empty(0, np.int32), *np.empty((3, 0), np.float32))
_LEAST = 20  # questions held back, without which nothing can be said


@dataclass(frozen=True)
class _Learned:
    """What the lists say of pairs, and how to take one of them out of it."""

    pairs: PairTable
    ease: EaseWeights
    scale: float  # what EASE's co-occurrences were scaled by, for list weights to have a mean of 1
    section: RelationsSection

    def votes(
        self,
        pairs: Pairs,
        skill: int,
        lists: npt.NDArray[np.floating],
        total: int,
        weights: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.float64]:
        """Votes of a skill for the others of `pairs`; 0 where no list names both."""
        together = np.asarray(pairs.counts, np.float64)
        scores = votes_for(
            np.maximum(together, 0.5),
            max(float(lists[skill]), 0.5),
            np.maximum(lists[pairs.others], 0.5).astype(np.float64),
            max(total, 1),
            weights,
            self.ease.known[skill] & self.ease.known[pairs.others],
            damping=self.section.damping,
            power=self.section.power,
            popularity=self.section.popularity,
        )
        return np.where(together > 0, scores, 0.0)

    def without(self, skills: npt.NDArray[np.int64], hidden: int) -> tuple[list[int], list[Pairs], Any, int]:
        """A list's other skills, their pairs, lists of each skill and in all, were it not learned from."""
        given = [skill for skill in skills.tolist() if skill != hidden]
        weigh = self.ease.without(skills, self.scale * len(skills) ** -LENGTH_POWER)
        lists, total = self.pairs.lists.copy(), self.pairs.total - 1
        lists[skills] -= 1
        rows = []
        for skill in given:
            row = self.pairs.row(skill)
            # Of the list's own skills only the hidden one can be a candidate.
            row = row._replace(counts=row.counts - (row.others == hidden))
            weights = np.where(row.counts > 0, weigh(skill, row.others), 0.0)
            row = row._replace(weights=weights, scores=self.votes(row, skill, lists, total, weights))
            rows.append(row)
        return given, rows, lists, total


def train_completion(
    lists: Callable[[], Iterable[Sequence[int]]],
    names: Sequence[str],
    relations: RelationsSection,
    section: CompletionSection,
    *,
    floor: int,
    seed: int,
    progress: Progress | None = None,
) -> Completer | None:
    """Learn to complete lists; None where that would not be better than the votes of `used_with`.

    Args:
        lists: Gives the skill rows of each candidate, each row at most once, the same each time.
        names: The skills' names, by row.
        relations: How skills vote.
        section: How much is learned from, and how.
        floor: Privacy floor: counts of pairs below it are neither learned from nor kept.
        seed: Of all that is drawn.
        progress: Told (done, in all, a word).
    """
    told = progress or (lambda _done, _total, _note: None)
    generator = np.random.default_rng(seed)
    asked = _drawn(lists, section.questions, generator)
    if len(asked) < section.min_lists:
        return None
    learned = _learned(lists, len(names), relations, section.pairs)
    questions, missed = _questions(learned, asked, words_of(names), section, floor, generator, told)
    held = int(len(questions) * _HELD)
    if held < _LEAST:
        return None
    kept, judged = questions.part(slice(held, None)), questions.part(slice(held))
    fitted = fit(
        kept,
        judged,
        hidden=section.hidden,
        epochs=section.epochs,
        learning_rate=section.learning_rate,
        seed=seed,
        progress=told,
    )
    found, by_votes = _told(_ranks(fitted.network, judged)), _told((judged.right + 1).astype(np.float64))
    # The mean reciprocal rank: a share of first ten depends too much on chance in so few questions.
    if found["mrr"] <= by_votes["mrr"]:
        return None
    training = {
        "questions": len(kept),
        "held": held,
        "no_candidate": missed,
        "held_questions": {"network": found, "votes": by_votes},
        "loss": fitted.loss,
    }
    pairs = replace(learned.pairs, counts=floored(learned.pairs.all, floor).counts.astype(np.float32))
    return Completer(pairs, fitted.network, names, section.candidates, training)


def _drawn(
    lists: Callable[[], Iterable[Sequence[int]]], most: int, generator: np.random.Generator
) -> list[Sequence[int]]:
    """At most so many of the lists of two skills or more, in an order of chance."""
    count = sum(len(skills) >= 2 for skills in lists())
    order = {place: rank for rank, place in enumerate(generator.permutation(count)[:most].tolist())}
    fitting = (skills for skills in lists() if len(skills) >= 2)
    chosen = [(order[place], skills) for place, skills in enumerate(fitting) if place in order]
    return [skills for _, skills in sorted(chosen, key=lambda each: each[0])]


def _learned(
    lists: Callable[[], Iterable[Sequence[int]]],
    skills: int,
    relations: RelationsSection,
    width: int,
) -> _Learned:
    """Count and weigh the pairs of all lists; of each skill's the `width` that it votes most for."""
    lengths = np.array([len(each) for each in lists() if len(each)], np.float64)
    (counts, weights), total = cooccurrences(lists(), skills, (0.0, LENGTH_POWER))
    ease = EaseWeights(weights, ridge=relations.ridge, most=relations.ease_skills)
    occurrences = counts.diagonal().astype(np.float32)
    scale = len(lengths) / float((lengths**-LENGTH_POWER).sum()) if len(lengths) else 1.0
    nothing = PairTable.of_rows([_NONE] * skills, occurrences, total)
    learned = _Learned(nothing, ease, scale, relations)
    rows = []
    for skill in range(skills):
        span = slice(counts.indptr[skill], counts.indptr[skill + 1])
        apart = counts.indices[span] != skill
        others, together = counts.indices[span][apart], counts.data[span][apart]
        pairs = Pairs(others, _NONE.scores, ease.pairs(skill, others), together)
        scores = learned.votes(pairs, skill, occurrences, total, ease.pairs(skill, others))
        best = np.sort(np.lexsort((-pairs.weights, -scores))[:width])
        rows.append(Pairs(others[best], scores[best], pairs.weights[best], together[best]))
    return replace(learned, pairs=PairTable.of_rows(rows, occurrences, total))


def _questions(
    learned: _Learned,
    asked: Sequence[Sequence[int]],
    words: Words,
    section: CompletionSection,
    floor: int,
    generator: np.random.Generator,
    told: Progress,
) -> tuple[Questions, int]:
    """A skill of each list hidden among candidates; and of how many lists it was no candidate."""
    features = np.zeros((len(asked), section.candidates, len(FEATURES)), np.float32)
    counts, right = np.zeros((2, len(asked)), np.int64)
    done = 0
    for number, each in enumerate(asked):
        if number % _TOLD == 0:
            told(number, len(asked), "questions")
        skills = np.array(each, np.int64)
        hidden = int(skills[generator.integers(len(skills))])
        given, rows, lists, total = learned.without(skills, hidden)
        known = [floored(row, floor) for row in rows]
        evidence = gather(given, known, lists, total, words, section.candidates)
        place = np.flatnonzero(evidence.rows == hidden)
        if len(place):
            features[done, : len(evidence.rows)] = evidence.features
            counts[done], right[done] = len(evidence.rows), place[0]
            done += 1
    return Questions(features[:done], counts[:done], right[:done]), len(asked) - done


def floored(pairs: Pairs, floor: int) -> Pairs:
    """The pairs without counts that are below the privacy floor: these are 0."""
    return pairs._replace(counts=np.where(pairs.counts >= floor, pairs.counts, 0.0))


def _ranks(network: Network, questions: Questions) -> npt.NDArray[np.float64]:
    """Where the right candidate of each question stands by the network, from 1."""
    ranks = []
    for features, count, right in zip(questions.features, questions.counts, questions.right, strict=True):
        scores = network.scores(features[:count])
        ranks.append(1.0 + float((scores > scores[right]).sum()))
    return np.array(ranks)


def _told(ranks: npt.NDArray[np.float64]) -> dict[str, float]:
    return {"mrr": float(np.mean(1 / ranks)), f"recall@{_FIRST}": float(np.mean(ranks <= _FIRST))}
