"""What each stage of a recipe makes: folders of earlier stages in, one folder out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import orjson

from embedsvc.errors import EmptyCorpusError, SourceNotFoundError
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.space import Matrix
from embedsvc.text import Lexicon
from training.corpus.paths import shown
from training.embedding import VECTORS, copy_table, embed_candidates, index_candidates, open_vectors
from training.intake import Intake
from training.lexicon.mining import Written, mine
from training.preparation import clean_corpus
from training.preparation.clean_corpus import CleanCorpus
from training.preparation.prepared_corpus import PreparedCorpus
from training.preparation.preparer import Rules, prepare
from training.progress import Meter
from training.recipe import (
    ClassifierSection,
    CleaningSection,
    Corpus,
    GloveSection,
    IndexSection,
    LexiconSection,
    RelationsSection,
    SentencesSection,
    Word2VecSection,
)
from training.taxonomies import Concept, read_esco, read_onet
from training.trainers.classifier import train_classifier
from training.trainers.relations import similar_table, used_with_table
from training.trainers.word2vec import train_word2vec

_DEV_DOCUMENTS = 20_000  # enough for one temperature


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
    prepare(CleanCorpus(clean), lexicon, folder, rules, workers=cleaning.workers)


def words(corpus: Path, section: Word2VecSection, seed: int, folder: Path, meter: Meter) -> None:
    """Train the word space."""
    prepared = PreparedCorpus(corpus)
    train_word2vec(prepared.text, prepared.lists, section, seed, meter.update).save(folder)


def glove(corpus: Path, section: GloveSection, seed: int, folder: Path, meter: Meter) -> None:
    """Train the GloVe space."""
    from training.trainers.glove import train_glove  # compiled code, which takes half a second to load

    prepared = PreparedCorpus(corpus)
    train_glove(prepared.text, prepared.lists, section, seed, folder, meter.update).save(folder)


def similar(lexicon: Path, words: Path, section: RelationsSection, folder: Path, meter: Meter) -> None:
    """The neighbour table of `similar`."""
    similar_table(
        Lexicon.open(lexicon),
        Space.open(words),
        neighbours=section.neighbours,
        min_candidates=section.min_candidates,
        progress=meter.update,
    ).save(folder)


def used_with(lexicon: Path, corpus: Path, section: RelationsSection, folder: Path) -> None:
    """The neighbour table of `used_with`."""
    known = Lexicon.open(lexicon)
    used_with_table(
        PreparedCorpus(corpus).skill_rows(known),
        len(known),
        neighbours=section.neighbours,
        damping=section.damping,
    ).save(folder)


def sentences(corpus: Path, words: Path, section: SentencesSection, folder: Path) -> None:
    """Fit the sentence encoder on documents of the train part."""
    sample = (document.tokens for document in PreparedCorpus(corpus).sample("train", section.sample))
    SifEncoder.fit(Space.open(words), sample, a=section.a, components=section.components).save(folder)


def classifier(corpus: Path, words: Path, section: ClassifierSection, seed: int, folder: Path) -> None:
    """Train the classifier of the label field; nothing is written where there are no labels to learn."""
    if not section.enabled:
        return
    prepared = PreparedCorpus(corpus)
    dev = list(prepared.labelled("dev", _DEV_DOCUMENTS))
    train = partial(prepared.labelled, "train")
    trained = train_classifier(train, dev, Space.open(words), section, seed, scratch=folder)
    if trained is not None:
        trained.save(folder)


def embeddings(corpus: Path, words: Path, sentences: Path, folder: Path, meter: Meter) -> None:
    """Embed every searchable candidate."""
    prepared = PreparedCorpus(corpus)
    total = prepared.report().searchable
    encoder = SifEncoder.open(sentences, Space.open(words))
    searchable = (each for each in prepared.documents() if each.searchable)
    embed_candidates(searchable, encoder, folder, lambda done: meter.update(done, total))


def candidate_vectors(embeddings: Path, dimension: int) -> Matrix:
    """The vectors of the candidates, (candidates, dimension) float32, memory-mapped."""
    return open_vectors(embeddings / VECTORS, dimension)


def candidates(
    embeddings: Path, words: Word2VecSection, section: IndexSection, folder: Path, meter: Meter
) -> None:
    """Build the candidates index beside its table."""
    vectors = candidate_vectors(embeddings, words.dimension)
    index_candidates(vectors, section, folder, meter.update, workers=words.workers)
    copy_table(embeddings, folder)
