"""Stages from sources to the prepared corpus: clean, mine the lexicon, prepare."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import orjson

from embedsvc.errors import EmptyCorpusError, SourceNotFoundError
from training.corpus.paths import shown
from training.intake import Intake
from training.lexicon.mining import Written, mine
from training.preparation import clean_corpus
from training.preparation.clean_corpus import CleanCorpus
from training.preparation.held_back import SPLIT, write_split
from training.preparation.preparer import Rules, prepare
from training.progress import Meter
from training.recipe import CleaningSection, Corpus, LexiconSection
from training.taxonomies import Concept, read_esco, read_onet


def digest(path: Path) -> str:
    """A hash of a file that the recipe names.

    Raises:
        SourceNotFoundError: It is not there.
    """
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise SourceNotFoundError(
            f"{shown(path)} cannot be read ({error.strerror}): check the path in the recipe."
        ) from error


class _Writings:
    """What each candidate wrote, read anew each time it is iterated over; of near-duplicates one."""

    def __init__(self, clean: CleanCorpus, meter: Meter) -> None:
        self._clean = clean
        self._meter = meter

    def __iter__(self) -> Iterator[Written]:
        total = len(self._clean)
        for done, (candidate, _) in enumerate(self._clean.candidates()):
            if done % 1_000 == 0:
                self._meter.update(done, total)
            sections = (candidate.summary, candidate.experience, candidate.projects, candidate.education)
            yield Written(candidate.skills, "\n".join(section for section in sections if section))


def clean(intake: Intake, section: CleaningSection, folder: Path, meter: Meter) -> None:
    """Read every candidate, clean it, take out personal data, find duplicates; count all that.

    Raises:
        EmptyCorpusError: Nothing is left, or nobody names a skill.
    """
    corpus, counts = clean_corpus.clean(intake.candidates(meter, skills_needed=False), section, folder)
    corpus.write_report({"sources": intake.counts(), "cleaning": counts})
    if not len(corpus):
        raise EmptyCorpusError(
            f"None of the {counts['candidates']:,} candidates has any text in the languages wanted; "
            "check the fields that the recipe maps, and cleaning.languages."
        )
    if not counts.get("with_skills"):
        raise EmptyCorpusError(
            f"None of the {counts['candidates']:,} candidates names a skill; "
            "map `skills` to the field that lists them in the recipe's corpus.sources.fields."
        )


def concepts(section: LexiconSection, resolve: Callable[[str], Path]) -> Iterator[Concept]:
    """The skills of the taxonomies that the recipe names.

    Raises:
        SourceNotFoundError: A file is not there.
        CorpusError: It is not the official download.
    """
    if section.esco:
        yield from read_esco(resolve(section.esco))
    if section.onet:
        yield from read_onet(resolve(section.onet))


def lexicon(
    clean: Path,
    section: LexiconSection,
    resolve: Callable[[str], Path],
    folder: Path,
    meter: Meter,
) -> None:
    """Mine the lexicon into `folder/lexicon` and what was counted into `folder/report.json`.

    Raises:
        EmptyCorpusError: No skill passes the privacy floor.
    """
    mined = mine(
        _Writings(CleanCorpus(clean), meter),
        min_candidates=section.min_candidates,
        max_words=section.max_words,
        user_aliases=resolve(section.aliases) if section.aliases else None,
        concepts=concepts(section, resolve),
    )
    if not len(mined.lexicon):
        raise EmptyCorpusError(
            f"No skill is named by {section.min_candidates} candidates; check that the recipe maps the "
            "field that holds skills, or lower lexicon.min_candidates."
        )
    mined.lexicon.save(folder / "lexicon")
    counted = {"dropped": dict(mined.report.dropped), "aliases": dict(mined.report.aliases)}
    mining = {**asdict(mined.report), **counted}
    report = {"lexicon": mining}
    (folder / "report.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))


def corpus(
    clean: Path, lexicon: Path, section: Corpus, cleaning: CleaningSection, seed: int, folder: Path
) -> None:
    """Tokenise, merge skills and split."""
    rules = Rules(section.dev_share, section.test_share, seed, cleaning.drop_duplicates)
    cleaned = CleanCorpus(clean)
    prepare(cleaned, lexicon, folder, rules, workers=cleaning.workers)
    write_split(cleaned.keys(), section.dev_share, section.test_share, seed, folder / SPLIT)
