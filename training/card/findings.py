"""What was found of a release: scores, similarities, map, confusion, index, bias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from training.card.blocks import Block, Bullets, Figure, Section, Table, Text
from training.card.charts import (
    association_chart,
    confused_chart,
    curve_chart,
    histogram_chart,
    interval_mark,
    matrix_chart,
)
from training.card.map_figure import NARROW, WIDE, map_chart
from training.card.measured import Association, Leakage
from training.card.origin import Origin
from training.card.tried import tried

_SMALL_MATRIX = 8  # labels that a phone has room for
_LEAK = "A gender leakage probe"


def scores(origin: Origin) -> Section | None:
    """Every score with its interval and its baselines."""
    found = [score for score in origin.scores if {"task", "metric", "value", "low", "high"} <= score.keys()]
    if not found:
        return None
    rows, drawings = [], []
    for score in found:
        baselines = {str(name): float(value) for name, value in dict(score.get("baselines") or {}).items()}
        value, low, high = (float(score[key]) for key in ("value", "low", "high"))
        rows.append(
            (
                str(score["task"]),
                _metric(score),
                f"{value:.3f}",
                f"{low:.3f} to {high:.3f}",
                ", ".join(f"{name} {each:.3f}" for name, each in baselines.items()),
                f"{score.get('items', 0):,}",
            )
        )
        drawings.append(interval_mark(value, low, high, list(baselines.values())))
    columns = ["task", "metric", "value", "95 % interval", "baselines", "items"]
    lead = (
        "Each score is measured on what nothing was trained on, with a bootstrap 95 % interval over its "
        "items, beside simple methods on the same items: the blue dot and bar are the score and its "
        "interval, from 0 to 1 (0 for less), the diamonds its baselines. A score whose interval covers a "
        "baseline does not show that anything was gained."
    )
    if any(score.get("primary") for score in found):
        lead += " Of each task one metric is primary."
    if any(score["metric"] == "coverage" for score in found):
        lead += (
            " Of a gold file only what the release knows can be asked: coverage is its share, and the file's "
            "other scores are over that alone."
        )
    table = Table(columns, rows, frozenset({2, 5}), drawings, "0 to 1")
    blocks: list[Block] = [Text(lead), table]
    if behind := list(dict.fromkeys(_behind(found))):
        blocks.append(Text(f"Clearly worse than one of their baselines: {'; '.join(behind)}."))
    return Section("Scores", blocks)


def _metric(score: Mapping[str, Any]) -> str:
    notes = ["primary"] * bool(score.get("primary"))
    notes += ["lower is better"] * (score.get("higher_is_better") is False)
    return f"{score['metric']} ({', '.join(notes)})" if notes else str(score["metric"])


def _behind(scores: list[dict[str, Any]]) -> Iterator[str]:
    """Scores whose interval does not reach a baseline; exact search is none, but the best there is."""
    for score in scores:
        baselines = {
            name: value for name, value in dict(score.get("baselines") or {}).items() if name != "exact"
        }
        lower = score.get("higher_is_better") is False
        if any(value < score["low"] if lower else value > score["high"] for value in baselines.values()):
            yield f"{score['task']}, {score['metric']}"


def similarities(origin: Origin) -> Section | None:
    """What of a similarity is noise."""
    figures: list[Block] = [
        Figure(f"similarity-{each.space}", histogram_chart(each), _SIMILAR[each.space].format(each=each))
        for each in origin.measured.histograms
    ]
    if not figures:
        return None
    lead = (
        "A cosine means little by itself: in each space random pairs have similarities of their own, and "
        "95 % of them stay below the dashed line. `relatedness`, beside each score of an answer, says how "
        "rare a cosine is among random pairs."
    )
    return Section("What a similarity means", [Text(lead), *figures])


_SIMILAR = {
    "skills": (
        "Random pairs of the most used skills against each skill's ten nearest by `similar`. "
        "{each.above:.1%} of the neighbours lie above the line; their median is {each.median:.2f}."
    ),
    "candidates": (
        "Titles of candidates against random candidates and against the ten that search finds after the "
        "first. {each.above:.1%} of those found lie above the line; their median is {each.median:.2f}."
    ),
}


def skill_map(origin: Origin) -> Section | None:
    """The map of skills."""
    found = origin.measured.map
    if found is None:
        return None
    caption = (
        f"The {len(found.skills):,} most used skills by t-SNE; a dot's size tells how many candidates name "
        f"the skill, its colour and shape the cluster (k-means in the space itself, {len(found.clusters)} "
        f"of them), which bears the names of its most used skills. {found.kept:.0%} of a skill's ten "
        "nearest in the space are among its ten nearest on the map: near things are shown near, but "
        "distances between clusters mean little."
    )
    wide, narrow = map_chart(found, WIDE), map_chart(found, NARROW)
    figure = Figure("map", wide, caption, narrow, large=True)
    return Section("Map of skills", [figure])


def confusion(origin: Origin) -> Section | None:
    """The confusion matrices that evaluation left in the metrics."""
    kept = origin.metrics.get("confusion")
    matrices = kept if isinstance(kept, Mapping) else {}
    figures = [figure for name, matrix in matrices.items() if (figure := _matrix(str(name), matrix))]
    if not figures:
        return None
    lead = "Rows are the right labels, columns those that were given; darker is a larger share of the row."
    return Section("Confusion of labels", [Text(lead), *figures])


def _matrix(name: str, matrix: Any) -> Figure | None:
    labels, counts = (
        (matrix.get(key) for key in ("labels", "counts")) if isinstance(matrix, Mapping) else (None, None)
    )
    if (
        not labels
        or not counts
        or any(len(row) != len(labels) for row in counts)
        or len(counts) != len(labels)
    ):
        return None
    names = [str(label) for label in labels]
    large = len(labels) > _SMALL_MATRIX
    narrow = confused_chart(names, counts, f"classifier {name}: most confused") if large else None
    total = sum(map(sum, counts))
    right = sum(counts[place][place] for place in range(len(labels)))
    caption = f"{right:,} of {total:,} texts of the test part got the right label."
    drawing = matrix_chart(names, counts, f"classifier {name}")
    return Figure(f"confusion-{name}", drawing, caption, narrow, large=large)


def index(origin: Origin) -> Section | None:
    """Recall against speed."""
    curve = origin.measured.curve
    if curve is None:
        return None
    usual, unit = curve.usual, "efSearch" if curve.backend == "faiss_hnsw" else "effort"
    caption = (
        f"{curve.queries} titles asked of {curve.size:,} candidates, on the machine that made the release "
        f"({origin.measured.machine}), in one batch by one thread; numbers at the curve are the search "
        f"effort ({unit}). As built, the index (`{curve.backend}`) finds {usual.recall:.1%} of the ten "
        f"nearest at {usual.queries_a_second:,.0f} queries a second; exact search does {curve.exact:,.0f}."
    )
    rows = [
        (str(each.effort), f"{each.recall:.4f}", f"{each.queries_a_second:,.0f}") for each in curve.efforts
    ]
    rows.append(("exact", "1.0000", f"{curve.exact:,.0f}"))
    table = Table([unit, "recall@10", "queries a second"], rows, frozenset({0, 1, 2}), compact=True)
    blocks: list[Block] = [Figure("index", curve_chart(curve), caption), table]
    if curve.exact > usual.queries_a_second:
        blocks.append(Text(_SMALL))
    return Section("Index of candidates", [*blocks, *tried(origin)])


_SMALL = (
    "With so few candidates exact search is no slower than the index as built: a lower effort would be "
    "faster and find almost as much. The index pays when there are many more."
)


def bias(origin: Origin) -> Section:
    """Gendered words beside occupations, and the probe."""
    return Section("Bias check", list(_bias(origin)))


def _bias(origin: Origin) -> Iterator[Block]:
    found, leakage = origin.measured.bias, origin.leakage
    if found is None and (leakage is None or leakage.auc is None):
        yield Text(
            "Neither measurement could be made, so nothing is known of the bias of this release. That is no "
            "sign that it has none."
        )
    if found is None:
        yield Text(
            "Word vectors: not measured, for the corpus holds too few gendered words or occupations "
            "(three of either gender and eight occupations are needed)."
        )
    else:
        yield Text(
            "Word vectors take up what the texts they were trained on say. This measures one such thing: "
            "whether occupations stand nearer to male or to female words (WEAT, Caliskan et al. 2017). "
            "The effect size is Cohen's d between two groups of words, 0 where there is none and 0.8 "
            "where it is large; p is the share of 9,999 random splits of the same words that differ as "
            "much."
        )
        if found.tests:
            columns = ["nearer to male words", "than", "words", "effect size", "p"]
            yield Table(columns, [_test(test) for test in found.tests], frozenset({2, 3, 4}))
        caption = (
            "Mean cosine with male words less that with female words, relative to the mean of all "
            f"occupations that the space knows ({len(found.occupations)}). Grey: where 95 % of random "
            "words lie; an occupation inside it leans no more than any word does."
        )
        yield Figure("occupations", association_chart(found), caption)
        yield Text(f"Male words: {', '.join(found.male)}. Female words: {', '.join(found.female)}.")
    yield Text(_probe(leakage))
    yield Bullets(_BIAS_LIMITS)


def _test(test: Association) -> tuple[str, ...]:
    sizes = f"{len(test.first_words)} and {len(test.second_words)}"
    return test.first, test.second, sizes, f"{test.effect:+.2f}", f"{test.p:.4f}"


def _probe(found: Leakage | None) -> str:
    if found is None:
        return f"{_LEAK} needs the corpus and is made when a release is evaluated: not measured."
    counts = f"{found.female:,} texts hold female words alone and {found.male:,} male words alone"
    if found.auc is None or found.low is None or found.high is None:
        return f"{_LEAK}: not measured, {counts}, and forty of each are needed."
    leaks = "so the vectors do tell" if found.low > 0.5 else "so no leak was shown"
    return (
        f"{_LEAK}: {counts}. With those words taken out, a linear probe on the sentence vectors tells the "
        f"two apart with an area under the curve of {found.auc:.3f} (95 % interval {found.low:.3f} to "
        f"{found.high:.3f}; 0.5 is chance), {leaks}. What remains may be the occupation itself, where men "
        "and women hold different ones."
    )


_BIAS_LIMITS = (
    "The groups of words follow what labour statistics of many countries report; that two of them differ "
    "is a fact about the texts, and no measure of whether a ranking made with them treats people fairly.",
    "Gender is the only characteristic looked at, in two forms and in English words. Age, origin, "
    "disability and others are not measured.",
    "A few words carry each test: a p above 0.05 does not show that there is no bias.",
)
