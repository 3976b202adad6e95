"""What a release is for, what it cannot do, and whose it is."""

from __future__ import annotations

from training.card.blocks import Block, Bullets, Section, Text
from training.card.measured import RareLabels
from training.card.origin import Origin

_FOR = (
    "Finding skills related to a skill, reading skills out of texts, and seeing what a CV lacks for a job.",
    "Comparing sentences, finding candidates by meaning and labelling texts, as suggestions to people who "
    "decide.",
)
_NOT_FOR = (
    "Deciding about people without a person: a rank or a similarity is no judgement of ability, and laws on "
    "automated decisions and on hiring may forbid it.",
    "Inferring gender, age, origin, health or any other protected characteristic.",
    "Texts of another trade, country or language than those it was trained on, unless it is measured on "
    "them first.",
)


def intended_use(_origin: Origin) -> Section:
    """What it is for, and what not."""
    return Section(
        "Intended use",
        [Text("It is made for:"), Bullets(_FOR), Text("It is not made for:"), Bullets(_NOT_FOR)],
    )


def limits(origin: Origin) -> Section:
    """What to keep in mind."""
    floor = origin.section("lexicon").get("min_candidates")
    least = f"fewer than {floor} candidates" if floor else "too few candidates"
    items = [
        f"A skill that {least} name is not known; a question about it is answered by a similar spelling, "
        "by its description, or not at all, and the answer says which.",
        "The vectors know what the candidates wrote until the release was made; new skills need a new one.",
        "Relations are those of these candidates: what is asked for together here may not be so elsewhere.",
        "Rare skills have vectors of few examples. The counts beside every answer tell how many.",
        "Personal data is taken out by rules, which miss some; nothing here was made to be anonymous "
        "against an attacker who has the vectors.",
    ]
    classifiers = origin.measured.counts.labels
    if classifiers:
        items.append(
            "Probabilities of classifiers are calibrated on candidates like those trained on, and only there."
        )
    items += [_unlearned(name, rare) for name, rare in origin.measured.counts.rare_labels.items()]
    return Section("Limits", [Bullets(items)])


def _unlearned(name: str, rare: RareLabels) -> str:
    named = ", ".join(f"{label} ({count:,})" for label, count in rare.named.items())
    more = " and others" if rare.labels > len(rare.named) else ""
    return (
        f"The classifier {name} did not learn labels of fewer than {rare.least} documents, and gives their "
        f"texts others. Labels left out: {rare.labels:,}; documents with one: {rare.documents:,}; {named}"
        f"{more}."
    )


def provenance(origin: Origin) -> Section:
    """Whose it is, what made it."""
    section, measured = origin.section("card"), origin.measured
    licence, owner = section.get("licence"), section.get("owner")
    blocks: list[Block] = [
        Text(f"Made by embedsvc {measured.embedsvc} on Python {measured.python} ({measured.machine})."),
        Text(
            f"Licence of the vectors and classifiers: {licence}."
            if licence
            else "Licence of the vectors and classifiers: not stated; they are as confidential as the "
            "candidates they were trained on. `card.licence` of the recipe states one."
        ),
    ]
    if owner:
        blocks.append(Text(f"Questions go to {owner}."))
    blocks.append(
        Text(
            "Of the candidates this card holds counts alone: no text, name or id of anyone. Skills named "
            "here were written by at least as many candidates as the privacy floor asks for."
        )
    )
    return Section("Licence and provenance", blocks)
