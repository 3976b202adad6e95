"""Likeness: skills whose names say nearly what was asked, in other words or another order.

Two looks at a phrase, for those who do not find it by its normal form:

* the same words: equal sets of stems, function words left out ("management of staff", "staff managing",
  "manage staff"). Sure enough to be an alias, where one skill alone has that set;
* the most alike: cosine of TF-IDF vectors of stems and of the letters of each word (runs of 3 and 4, so that
  a misspelt word still counts). Good enough to suggest.

The second look knows which words stand for each other by the aliases of the lexicon: where aliases say
"supervise" and their skills "manage", "supervise" counts for a part of "manage".

Stems are Porter's, for English (snowballstemmer).
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import snowballstemmer

_WORD = re.compile(r"[^\W_][\w+#]*")
_FUNCTION_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
_LETTERS = 0.5  # weight of a run of letters; of a stem 1
_MOST_CHANGED = 2  # words that may differ between an alias and its skill to learn from the pair
_LEAST_SEEN = 2
_LEARNT = 1.5
_SMOOTHING = 2
_MOST_LEARNT = 5
_STEMS_KEPT = 100_000
_LONGEST = 400  # characters that are looked at


class Likeness:
    """The names of skills, to be found by what they say.

    Args:
        names: By row.
        aliases: (other surface form, row), to learn from which words stand for each other.
    """

    def __init__(self, names: Sequence[str], aliases: Iterable[tuple[str, int]] = ()) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._stems: dict[str, str] = {}
        self._rows_of_words: dict[frozenset[str], int] = {}
        sets = [frozenset(self._words(name)) for name in names]
        for row, words in enumerate(sets):
            self._rows_of_words[words] = -1 if words in self._rows_of_words else row
        self._learnt = _learnt((frozenset(self._words(alias)), sets[row]) for alias, row in aliases)
        self._index(self._features(name) for name in names)

    def same_words(self, query: str) -> int | None:
        """Return the row of the one skill whose name has just the words of `query`, two or more, or None."""
        words = frozenset(self._words(query))
        row = self._rows_of_words.get(words, -1) if len(words) > 1 else -1
        return row if row >= 0 else None

    def nearest(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return up to `limit` (row, cosine in (0, 1]), best first, the smaller row of equals."""
        features = self._features(query)
        for stem in self._words(query):
            for other, share in self._learnt.get(stem, ()):
                features[f" {other}"] = max(features[f" {other}"], share)
        known = [
            (place, weight)
            for key, weight in features.items()
            if (place := self._places.get(key)) is not None
        ]
        if not known or limit <= 0:
            return []
        places = np.array([place for place, _ in known])
        weights = np.array([weight for _, weight in known]) * self._idf[places]
        norm = float(np.linalg.norm(weights))
        spans = [slice(self._starts[place], self._starts[place + 1]) for place in places]
        rows = np.concatenate([self._rows[span] for span in spans])
        parts = np.concatenate(
            [self._weights[span] * weight for span, weight in zip(spans, weights, strict=True)]
        )
        scores = np.bincount(rows, parts, minlength=self._size) / norm
        best = np.flatnonzero(scores > 0)
        if len(best) > limit:
            best = best[np.argpartition(-scores[best], limit - 1)[:limit]]
        best = best[np.lexsort((best, -scores[best]))]
        return [
            (row, round(min(1.0, score), 6))
            for row, score in zip(best.tolist(), scores[best].tolist(), strict=True)
        ]

    def _words(self, text: str) -> list[str]:
        return [self._stem(word) for word in _plain_words(text)]

    def _stem(self, word: str) -> str:
        stem = self._stems.get(word)
        if stem is None:
            stem = self._stemmer.stemWord(word)
            if len(self._stems) < _STEMS_KEPT:
                self._stems[word] = stem
        return stem

    def _features(self, text: str) -> defaultdict[str, float]:
        features: defaultdict[str, float] = defaultdict(float)
        for word in _plain_words(text):
            features[f" {self._stem(word)}"] += 1
            edged = f"#{word}#"
            for length in (3, 4):
                for at in range(len(edged) - length + 1):
                    features[edged[at : at + length]] += _LETTERS
        return features

    def _index(self, documents: Iterable[Mapping[str, float]]) -> None:
        """Lay the vectors out by feature, so that a query reads the features it has and no others."""
        self._places: dict[str, int] = {}
        # Taken apart one by one: all of them at once, as dictionaries, take ten times the memory.
        flat_places, flat_weights, lengths = array("q"), array("d"), array("q")
        for each in documents:
            flat_places.extend([self._places.setdefault(key, len(self._places)) for key in each])
            flat_weights.extend(each.values())
            lengths.append(len(each))
        self._size = len(lengths)
        places, weights = np.array(flat_places, np.int64), np.array(flat_weights, np.float64)
        rows = np.repeat(np.arange(self._size), np.array(lengths, np.int64))
        frequency = np.bincount(places, minlength=len(self._places))
        self._idf = np.log(1 + self._size / (1 + frequency))
        weights = weights * self._idf[places]
        norms = np.sqrt(np.bincount(rows, weights**2, minlength=self._size))
        weights = weights / norms[rows]
        order = np.argsort(places, kind="stable")
        self._rows, self._weights = rows[order].astype(np.int32), weights[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(frequency)])


def _plain_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text[:_LONGEST].lower()) if word not in _FUNCTION_WORDS]


def _learnt(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> dict[str, list[tuple[str, float]]]:
    """Return, by stem of an alias, the stems of names that it stands for, each with a weight."""
    together: defaultdict[tuple[str, str], float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for alias, name in pairs:
        said, meant = alias - name, name - alias
        if 0 < len(said) <= _MOST_CHANGED and 0 < len(meant) <= _MOST_CHANGED:
            seen.update(said)
            for word in said:
                for other in meant:
                    together[word, other] += 1 / len(meant)
    learnt: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for (word, other), count in together.items():
        if count >= _LEAST_SEEN:
            learnt[word].append((other, _LEARNT * count / (seen[word] + _SMOOTHING)))
    return {
        word: sorted(others, key=lambda pair: (-pair[1], pair[0]))[:_MOST_LEARNT]
        for word, others in learnt.items()
    }
