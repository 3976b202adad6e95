"""Opening a release: every part by mmap, nothing read before it is asked for, nothing unpickled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from embedsvc.classifiers import Classifier, open_classifier
from embedsvc.errors import OptionalDependencyError, ReleaseCorruptError, StoreError, UnknownNameError
from embedsvc.releases import layout
from embedsvc.releases.candidate_encoder import CandidateEncoder
from embedsvc.releases.candidate_index import CandidateIndex
from embedsvc.releases.candidates import CandidateTable
from embedsvc.releases.evidence import Evidence
from embedsvc.releases.following import FollowedCandidates
from embedsvc.releases.journal import Journal
from embedsvc.releases.manifest import Manifest
from embedsvc.releases.score_json import ScoreJson
from embedsvc.releases.store import Store
from embedsvc.spaces import Space, TextEncoder, open_encoder
from embedsvc.spaces.completion import Completer
from embedsvc.spaces.noise_floor import NoiseFloor, open_noise
from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.spaces.space import UNREADABLE
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon, Tokenizer
from embedsvc.text.extraction import Extractor
from indexes import CorruptIndexError, MissingBackendError, NeighbourTable, open_index


class Release:
    """An open release; immutable, safe to share between threads.

    Args:
        name: The release's name.
        canary: A question and its known answer, from the manifest.
        lexicon: All skills; row i of a neighbour table is skill i.
        words: The word space.
        sentences: The sentence encoder, of any kind.
        relations: Neighbour tables by relation name.
        candidates: The candidates index, or None where the release has none.
        classifiers: Classifiers by name.
        skill_vectors: The skills' vectors in the subword space, or None where the release has none.
        noise: Noise floors by relation, and of `sentences`; without one, scores have no relatedness.
        alignments: How spaces were rotated onto those of an earlier release, by their place.
        created: When it was made, in seconds since 1970; 0 where unknown.
        evidence: What the corpus counts of the relations, or None where the release has it not.
        completer: Completes lists of skills, or None where votes do.
        spaces: Folders of more spaces of words by name, which are opened when asked for.
    """

    def __init__(
        self,
        name: str,
        canary: Mapping[str, Any],
        lexicon: Lexicon,
        words: Space,
        sentences: TextEncoder,
        relations: Mapping[str, NeighbourTable],
        candidates: CandidateIndex | None,
        classifiers: Mapping[str, Classifier],
        skill_vectors: SkillVectors | None = None,
        noise: Mapping[str, NoiseFloor] | None = None,
        alignments: Mapping[str, Mapping[str, Any]] | None = None,
        created: int = 0,
        evidence: Evidence | None = None,
        completer: Completer | None = None,
        spaces: Mapping[str, Path] | None = None,
    ) -> None:
        self.name = name
        self.evidence = evidence
        self.created = created
        self.canary = dict(canary)
        self.lexicon = lexicon
        self.tokenizer = Tokenizer(lexicon)
        self.words = words
        self.sentences = sentences
        self.encode_candidates = CandidateEncoder(lexicon, self.tokenizer, sentences)
        self.relations = dict(relations)
        self._candidates = candidates
        self.following: FollowedCandidates | None = None
        self.classifiers = dict(classifiers)
        self.skill_vectors = skill_vectors
        self.noise = dict(noise or {})
        self.alignments = dict(alignments or {})
        self.completer = completer
        self.spaces = dict(spaces or {})
        # The hot path joins these ready bytes instead of encoding the same names again and again.
        self.name_json = orjson.dumps(self.name)
        # Copied: what orjson makes keeps the kilobyte that it began with.
        self.skill_names_json = [b"%b" % orjson.dumps(skill.name) for skill in lexicon]
        self.skill_json = [
            b'{"skill":%b,"candidates":%d,"score":' % (name, skill.candidates)
            for name, skill in zip(self.skill_names_json, lexicon, strict=True)
        ]
        self.score_json = {relation: ScoreJson(self.noise.get(relation)) for relation in self.relations}

    @property
    def candidates(self) -> CandidateIndex | None:
        """The candidates as they are now, or None where the release has none; take it once a request.

        Raises:
            StoreError: What happened to them since the release was made cannot be read.
        """
        return self._candidates if self.following is None else self.following.now()

    def follow(self, journal: Journal, through: int, encoder: str) -> None:
        """See changes to the candidates from now on.

        Args:
            journal: Of the release's store.
            through: The last change that the release was made with.
            encoder: Tells the release's encoder from others.
        """
        if self._candidates is not None:
            self.following = FollowedCandidates(
                self._candidates, self.name, through, journal, self.encode_candidates, encoder
            )

    @cached_property
    def extractor(self) -> Extractor:
        """Finds skills in texts; built when first asked for, which two threads may do at once."""
        return Extractor(self.lexicon)

    def warm(self) -> None:
        """Build what is built when first asked for, so that no question has to wait for it."""
        _ = self.extractor, self.lexicon.likeness
        with suppress(
            StoreError
        ):  # a damaged journal is told to who asks for candidates; skills are answered
            _ = self.candidates

    def relation(self, name: str) -> NeighbourTable:
        """The neighbour table of a relation.

        Raises:
            UnknownNameError: The release has no such relation.
        """
        try:
            return self.relations[name]
        except KeyError:
            raise self._unknown("relation", name, self.relations) from None

    def classifier(self, name: str) -> Classifier:
        """The classifier of that name.

        Raises:
            UnknownNameError: The release has no such classifier.
        """
        try:
            return self.classifiers[name]
        except KeyError:
            raise self._unknown("classifier", name, self.classifiers) from None

    def _unknown(self, what: str, name: str, known: Mapping[str, object]) -> UnknownNameError:
        names = sorted(known)
        listed = ", ".join(names) or "none"
        return UnknownNameError(
            f"Release {self.name} has no {what} '{name}'; it has: {listed}.", details={"known": names}
        )


def open_release(store: Store, name: str) -> Release:
    """Open the release `name` of `store`.

    Raises:
        UnknownReleaseError: The store has no such release.
        ReleaseCorruptError: A file is missing, cut short, or parts disagree.
    """
    store.check(name)
    manifest = store.manifest(name)
    created = int(datetime.fromisoformat(manifest.created).timestamp())
    release = open_folder(store.path(name), name, manifest.canary, created)
    release.follow(store.journal, through_of(manifest), encoder_of(manifest))
    return release


def through_of(manifest: Manifest) -> int:
    """The number of the last change to candidates that a release was made with; 0 where none."""
    changes = manifest.notes.get("changes")
    through = changes.get("through") if isinstance(changes, dict) else None
    return through if isinstance(through, int) else 0


def encoder_of(manifest: Manifest) -> str:
    """Tells the encoder of a release from others: a hash of all that a candidate's vector depends on."""
    parts = tuple(f"{part}/" for part in (layout.LEXICON, layout.WORDS, layout.SENTENCES))
    facts = [[path, entry.sha256] for path, entry in sorted(manifest.files.items()) if path.startswith(parts)]
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()[:16]


def open_folder(folder: Path, name: str, canary: Mapping[str, Any], created: int = 0) -> Release:
    """Open the parts found in `folder`, a release or a draft of one.

    Raises:
        ReleaseCorruptError: A file is missing, cut short, or parts disagree.
        OptionalDependencyError: Its candidates index is of a backend whose library is not installed.
    """
    try:
        lexicon = Lexicon.open(folder / layout.LEXICON)
        words = Space.open(folder / layout.WORDS)
        sentences = open_encoder(folder / layout.SENTENCES, words)
        relations = {
            name: NeighbourTable.load(folder / place)
            for name, place in layout.RELATIONS.items()
            if (folder / place).is_dir()
        }
        candidates = _open_candidates(folder / layout.CANDIDATES)
    except CorruptIndexError as error:
        raise ReleaseCorruptError(f"Release {name} cannot be opened: {error}") from error
    except MissingBackendError as error:
        raise OptionalDependencyError(f"Release {name} cannot be opened: {error}") from error
    except ConnectionError as error:  # an index that lives in a database
        raise StoreError(f"Release {name} cannot be opened: {error}") from error
    for relation, table in relations.items():
        if table.size != len(lexicon):
            raise ReleaseCorruptError(
                f"Release {name}: table '{relation}' has {table.size} rows and the lexicon {len(lexicon)}."
            )
    home = folder / layout.CLASSIFIERS
    places = sorted(home.iterdir()) if home.is_dir() else []
    classifiers = {place.name: open_classifier(place) for place in places}
    skill_vectors = _open_skill_vectors(folder)
    if skill_vectors is not None and len(skill_vectors) != len(lexicon):
        raise ReleaseCorruptError(
            f"Release {name}: the subword space knows {len(skill_vectors)} skills and the lexicon has "
            f"{len(lexicon)}."
        )
    noise = open_noise(folder / layout.CALIBRATION) if (folder / layout.CALIBRATION).is_dir() else {}
    return Release(
        name,
        canary,
        lexicon,
        words,
        sentences,
        relations,
        candidates,
        classifiers,
        skill_vectors,
        noise,
        _alignments(folder),
        created,
        Evidence.open(folder / layout.EVIDENCE, relations) if (folder / layout.EVIDENCE).is_dir() else None,
        _open_completer(folder / layout.COMPLETION, lexicon),
        {"glove": folder / layout.GLOVE} if (folder / layout.GLOVE).is_dir() else {},
    )


def _alignments(folder: Path) -> dict[str, dict[str, Any]]:
    """What each space says of its rotation; also those that are not opened to answer.

    Raises:
        ReleaseCorruptError: A space's description cannot be read.
    """
    places = {place: folder / place for place in (layout.WORDS, layout.GLOVE, layout.FASTTEXT)}
    places[layout.SENTENCES] = folder / layout.SENTENCES / "tokens"
    found = {}
    for place, space in places.items():
        if not (space / "space.json").is_file():
            continue
        try:
            facts = dict(orjson.loads((space / "space.json").read_bytes())["parameters"]).get("alignment")
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"The description of {place} cannot be read ({error}); build the release again."
            ) from error
        if facts:
            found[place] = facts
    return found


def _open_skill_vectors(folder: Path) -> SkillVectors | None:
    if not (folder / layout.SUBWORDS).is_dir():
        return None
    return SkillVectors.open(folder / layout.SUBWORDS, SubwordSpace.open(folder / layout.FASTTEXT))


def _open_completer(folder: Path, lexicon: Lexicon) -> Completer | None:
    return Completer.open(folder, [skill.name for skill in lexicon]) if folder.is_dir() else None


def _open_candidates(folder: Path) -> CandidateIndex | None:
    if not folder.is_dir():
        return None
    return CandidateIndex(open_index(folder), CandidateTable.open(folder))
