"""Stages that train spaces of words and sentences, and the neighbour tables of skills over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from embedsvc.spaces import Space
from embedsvc.text import Lexicon
from indexes import NeighbourTable
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter
from training.recipe import CompletionSection, GloveSection, RelationsSection, Word2VecSection
from training.trainers.completion import train_completion
from training.trainers.evidence import evidence as count
from training.trainers.relations import similar_table, used_with_table
from training.trainers.word2vec import train_word2vec


def words(corpus: Path, section: Word2VecSection, seed: int, folder: Path, meter: Meter) -> None:
    """Train the word space."""
    prepared = PreparedCorpus(corpus)
    train_word2vec(prepared.text, prepared.lists, section, seed, meter.update).save(folder)


def glove(corpus: Path, section: GloveSection, seed: int, folder: Path, meter: Meter) -> None:
    """Train the GloVe space."""
    from training.trainers.glove import train_glove  # compiled code, which takes half a second to load

    prepared = PreparedCorpus(corpus)
    train_glove(prepared.text, prepared.lists, section, seed, folder, meter.update).save(folder)


def similar(
    lexicon: Path, corpus: Path, words: Path, section: RelationsSection, folder: Path, meter: Meter
) -> None:
    """The neighbour table of `similar`."""
    known = Lexicon.open(lexicon)
    similar_table(
        known,
        Space.open(words),
        PreparedCorpus(corpus).skill_rows(known),
        neighbours=section.neighbours,
        min_candidates=section.min_candidates,
        lift=section.lift,
        damping=section.damping,
        progress=meter.update,
    ).save(folder)


def used_with(lexicon: Path, corpus: Path, section: RelationsSection, folder: Path) -> None:
    """The neighbour table of `used_with`."""
    known = Lexicon.open(lexicon)
    used_with_table(
        PreparedCorpus(corpus).skill_rows(known),
        len(known),
        neighbours=section.used_with_neighbours,
        damping=section.damping,
        ridge=section.ridge,
        most=section.ease_skills,
        power=section.power,
        popularity=section.popularity,
    ).save(folder)


def evidence(lexicon: Path, corpus: Path, tables: Mapping[str, Path], floor: int, folder: Path) -> None:
    """Count the lists that name each skill, and each pair that the tables keep."""
    known = Lexicon.open(lexicon)
    opened = {relation: NeighbourTable.load(table) for relation, table in tables.items()}
    count(PreparedCorpus(corpus).skill_rows(known), len(known), opened, floor).save(folder)


def completion(
    lexicon: Path,
    corpus: Path,
    relations: RelationsSection,
    section: CompletionSection,
    floor: int,
    seed: int,
    folder: Path,
    meter: Meter,
) -> None:
    """What completes lists of skills; nothing where votes do as well or lists are few."""
    known, prepared = Lexicon.open(lexicon), PreparedCorpus(corpus)
    made = train_completion(
        lambda: prepared.skill_rows(known),
        [skill.name for skill in known],
        relations,
        section,
        floor=floor,
        seed=seed,
        progress=meter.update,
    )
    if made is not None:
        made.save(folder)
