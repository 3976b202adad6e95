"""What each stage of a recipe makes: folders of earlier stages in, one folder out."""

from __future__ import annotations

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
from training.lexicon import mine
from training.preparation import PreparedCorpus, prepare
from training.progress import Meter
from training.recipe import (
    ClassifierSection,
    Corpus,
    IndexSection,
    LexiconSection,
    RelationsSection,
    SentencesSection,
    Word2VecSection,
)
from training.trainers.classifier import train_classifier
from training.trainers.relations import similar_table, used_with_table
from training.trainers.word2vec import train_word2vec

_DEV_DOCUMENTS = 20_000  # enough for one temperature


def read_aliases(path: Path | None) -> str | None:
    """The user's alias file as text.

    Raises:
        SourceNotFoundError: It is named by the recipe and not there.
    """
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceNotFoundError(f"The alias file {shown(path)} cannot be read ({error}).") from error


def lexicon(
    intake: Intake, section: LexiconSection, aliases: Path | None, folder: Path, meter: Meter
) -> None:
    """Mine the lexicon into `folder/lexicon` and what was counted into `folder/report.json`.

    Raises:
        EmptyCorpusError: No skill passes the privacy floor.
    """
    mined = mine(
        (candidate.skills for candidate, _ in intake.candidates(meter)),
        min_candidates=section.min_candidates,
        max_words=section.max_words,
        user_aliases=aliases,
    )
    if not len(mined.lexicon):
        raise EmptyCorpusError(
            f"No skill is named by {section.min_candidates} candidates; check that the recipe maps the "
            "field that holds skills, or lower lexicon.min_candidates."
        )
    mined.lexicon.save(folder / "lexicon")
    mining = {**asdict(mined.report), "dropped": dict(mined.report.dropped)}
    report = {"sources": intake.counts(), "lexicon": mining}
    (folder / "report.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))


def corpus(intake: Intake, lexicon: Path, section: Corpus, seed: int, folder: Path, meter: Meter) -> None:
    """Clean, tokenise, merge skills and split."""
    prepare(
        intake.candidates(meter),
        Lexicon.open(lexicon),
        folder,
        dev_share=section.dev_share,
        test_share=section.test_share,
        seed=seed,
    )


def words(corpus: Path, section: Word2VecSection, seed: int, folder: Path, meter: Meter) -> None:
    """Train the word space."""
    prepared = PreparedCorpus(corpus)
    train_word2vec(prepared.text, prepared.lists, section, seed, meter.update).save(folder)


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
