"""What a release was made of: overview, data, recipe, files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from training.card.blocks import Block, Facts, Figure, Folded, Section, Table, Text
from training.card.charts import bar_chart, loss_chart
from training.card.measured import Loss
from training.card.origin import Origin
from training.card.recipe_lines import deviations, place, recipe_lines
from training.recipe.recipe import Recipe

_ENCODERS = {
    "sif": "weighted means of word vectors (SIF)",
    "static": "token vectors learned from pairs of texts of one candidate",
    "transformer": "a transformer",
}
_PRIVATE = "private."


def overview(origin: Origin) -> Section:
    """How large it is."""
    counts = origin.measured.counts
    report = origin.counted("corpus")
    facts = [
        (f"{report.get('candidates', counts.candidates):,}", "candidates read"),
        (f"{report.get('tokens', 0):,}", "words trained on"),
        (f"{report.get('lists', 0):,}", "skill lists trained on"),
        (f"{counts.skills:,}", "skills"),
        (f"{counts.aliases:,}", "other ways to write them"),
        (f"{counts.words:,}", f"word vectors of {counts.word_dimension} numbers"),
        (f"{counts.candidates:,}", "candidates that search finds"),
        (f"{sum(origin.sizes.values()) / 1e6:,.1f} MB", f"in {len(origin.sizes)} files"),
    ]
    encoder = _ENCODERS.get(counts.sentences, "an encoder")
    labels = ", ".join(f"`{name}` ({count} labels)" for name, count in counts.labels.items()) or "none"
    return Section(
        "Overview",
        [
            Facts([(many, what) for many, what in facts if many != "0"]),
            Text(
                f"Sentences are encoded by `{counts.sentences}`, {encoder}, into "
                f"{counts.sentence_dimension} numbers. Classifiers: {labels}."
            ),
        ],
    )


def data(origin: Origin) -> Section:
    """Counts of what was read, never a text."""
    return Section("Training data", list(_data(origin)))


def _data(origin: Origin) -> Iterator[Block]:
    cleaning, corpus, lexicon = (origin.counted(step) for step in ("cleaning", "corpus", "lexicon"))
    rows = [
        (
            place(source),
            source.get("preset", "ours"),
            "yes" if source.get("searchable", True) else "trains only",
        )
        for source in origin.section("corpus").get("sources", [])
    ]
    if rows:
        yield Table(["source", "fields as", "found by search"], rows)
    funnel = {
        "read": cleaning.get("candidates"),
        "in a language wanted": cleaning.get("clean"),
        "without duplicates": cleaning.get("kept"),
        "trained on": corpus.get("train"),
        "held back, dev": corpus.get("dev"),
        "held back, test": corpus.get("test"),
    }
    bars = {name: int(count) for name, count in funnel.items() if count is not None}
    if bars:
        caption = (
            f"{cleaning.get('exact_duplicates', 0):,} candidates said the very same as another and "
            f"{cleaning.get('near_duplicates', 0):,} nearly so. Scores are measured on the test part, "
            "which nothing was trained on."
        )
        yield Figure("candidates", bar_chart("candidates", bars), caption)
    removed = {
        name.removeprefix(_PRIVATE): int(count)
        for name, count in cleaning.items()
        if name.startswith(_PRIVATE) and count
    }
    if removed:
        yield Figure(
            "removed", bar_chart("personal data taken out", _largest(removed)), "Before anything was trained."
        )
    if lexicon:
        yield from _lexicon(lexicon)
    if corpus:
        yield Text(
            f"Trained on {corpus.get('sentences', 0):,} sentences of {corpus.get('tokens', 0):,} words, of "
            f"which {corpus.get('mentions', 0):,} name a skill, and on {corpus.get('lists', 0):,} skill "
            f"lists; {corpus.get('labelled', 0):,} candidates bear a label."
        )


def _lexicon(lexicon: dict[str, Any]) -> Iterator[Block]:
    dropped = {str(name): int(count) for name, count in dict(lexicon.get("dropped") or {}).items()}
    funnel = {
        "ways to write a skill": int(lexicon.get("forms", 0)),
        "of them kept": int(lexicon.get("kept", 0)),
        "skills": int(lexicon.get("skills", 0)),
    }
    yield Figure(
        "lexicon",
        bar_chart("lexicon", funnel),
        f"From {lexicon.get('entries', 0):,} entries of {lexicon.get('lists', 0):,} candidates.",
    )
    if dropped:
        yield Figure(
            "dropped",
            bar_chart("forms left out, by reason", _largest(dropped)),
            "`rare` is the privacy floor: a form that too few candidates wrote never enters a release.",
        )


def _largest(counts: dict[str, int], most: int = 8) -> dict[str, int]:
    leading = dict(Counter(counts).most_common(most))
    rest = sum(counts.values()) - sum(leading.values())
    return {**leading, "all others": rest} if rest else leading


def recipe(origin: Origin) -> Section:
    """What differs from the defaults, and all of it."""
    usual = {
        name: field.default.model_dump(mode="json") if hasattr(field.default, "model_dump") else field.default
        for name, field in Recipe.model_fields.items()
        if name not in {"corpus", "store", "work", "card"} and not field.is_required()
    }
    rows = deviations(origin.recipe, usual)
    told = "These knobs differ from their defaults." if rows else "Every knob of training is at its default."
    blocks: list[Block] = [Text(f"{told} Seed {origin.recipe.get('seed', 'unknown')}.")]
    if rows:
        blocks.append(
            Table(["key", "value", "default"], [(f"`{key}`", value, usual) for key, value, usual in rows])
        )
    blocks.append(Folded("The whole recipe, passwords taken out", recipe_lines(origin.recipe)))
    return Section("Recipe", blocks)


def training_curves(origin: Origin) -> Section | None:
    """How the loss fell."""
    figures: list[Block] = [
        Figure(f"loss-{loss.space.lower()}", loss_chart(loss), _meaning(loss))
        for loss in origin.measured.losses
    ]
    if not figures:
        return None
    note = Text("Lower is better; losses of different spaces and classifiers are not comparable.")
    return Section("Training curves", [note, *figures])


def _meaning(loss: Loss) -> str:
    if loss.space.startswith("classifier-"):
        return _LOSS["fastText" if loss.unit == "share of training" else "planes"]
    return _LOSS.get(loss.space, "Lower is better.")


_LOSS = {
    "words": "Mean loss of a word on a fixed sample of the corpus, before training and after each epoch. "
    "It starts from random vectors whose scores are near zero, so it may rise before it falls.",
    "GloVe": "Mean weighted squared error of the logarithm of counts, in each epoch.",
    "fastText": "fastText's own running mean, as the training went on.",
    "planes": "Mean squared hinge loss of the texts learned from, over all labels, after so many passes.",
    "sentences": "Mean loss of a pair among the pairs of its batch, in each epoch.",
}


def files(origin: Origin) -> Section:
    """Sizes of its parts; the manifest has each file's sha256."""
    folders: Counter[str] = Counter()
    for path, size in origin.sizes.items():
        folders["/".join(path.split("/")[:-1]) or path] += size
    rows = [(f"`{folder}`", f"{size / 1e6:,.2f}") for folder, size in sorted(folders.items())]
    total = sum(folders.values()) / 1e6
    return Section(
        "Files",
        [
            Text(
                f"{len(origin.sizes)} files, {total:,.1f} MB. `manifest.json` holds the sha256 of every file."
            ),
            Table(["folder", "MB"], rows, frozenset({1}), compact=True),
        ],
    )
