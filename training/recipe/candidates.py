"""Sections on candidates: what is read, what becomes of it, which skills there are, how it is indexed."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from embedsvc.releases.candidates import Kind
from training.corpus.sources import Source
from training.recipe.section import Section, Share

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Corpus(Section):
    """What is read."""

    sources: Annotated[list[Source], Field(min_length=1)] = Field(description="One or more; read in order.")
    max_bad_share: Share = Field(
        0.01, description="Share of unreadable lines above which a source is refused."
    )
    dev_share: Share = Field(0.05, description="Share of candidates held back for choosing.")
    test_share: Share = Field(0.05, description="Share of candidates held back for judging.")

    @model_validator(mode="after")
    def _leaves_something_to_train_on(self) -> Self:
        """Refuse shares that hold everything back."""
        if self.dev_share + self.test_share >= 1.0:
            raise ValueError(
                "dev_share and test_share must add up to less than 1, or nothing is left to train on"
            )
        return self


class CleaningSection(Section):
    """What becomes of the texts before anything is trained on them.

    Sections, HTML, odd characters and personal data are always seen to. Of candidates that say the same, or
    nearly, one is trained on: the newest by `updated_at`, of equally new ones the last. All of them are in
    one part, so that nothing is judged on what it was trained on, and search finds all of them. Candidates
    with hardly any text (less than about fifteen words) are never taken for one another.
    """

    languages: list[str] = Field(
        [],
        description="Codes such as en; candidates in other languages are left out. Empty keeps all.",
    )
    duplicate_similarity: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.7,
        description="Share of four-word pieces and skills that two candidates have in common (Jaccard, "
        "estimated by MinHash) to be near-duplicates; 1 takes equal texts alone.",
    )
    drop_duplicates: bool = Field(
        False, description="True leaves duplicates out of search too; of a group the newest stays."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="Processes, 0 = one a core; the result is the same."
    )


class LexiconSection(Section):
    """Which skills there are."""

    min_candidates: Annotated[int, Field(ge=1)] = Field(
        5,
        description="Privacy floor: a surface form that fewer candidates name never enters a release.",
    )
    max_words: Annotated[int, Field(ge=1, le=10)] = Field(6, description="Longest skill, in words.")
    aliases: str | None = Field(None, description="CSV of alias,skill lines; an empty skill undoes a merge.")
    esco: str | None = Field(
        None,
        description="`skills_en.csv` of ESCO's official download: its skills and labels are added. They are "
        "public, so the floor is not theirs; one that too few candidates name counts 0.",
    )
    onet: str | None = Field(
        None,
        description="`Technology Skills.txt` of O*NET's official download, as for `esco`.",
    )


_ALWAYS = ("id", "title", "label", "updated_at")


class CandidatesSection(Section):
    """What of a candidate a search can be filtered by, beside id, title, label and updated_at.

    These columns are in every release, in the table of candidates, and are answered with a candidate: name
    nothing that not everybody who may search may know. Texts are scrubbed as all texts are, and cut at 200
    characters. What is neither `location` nor a field of a candidate is read from the field of that name, or
    from where a source's `metadata` says.
    """

    filterable: Annotated[list[ColumnName], Field(max_length=32)] = Field(
        ["location"], description="Columns of texts; `location` is that of the source's fields."
    )
    numbers: Annotated[list[ColumnName], Field(max_length=32)] = Field(
        [], description="Columns of numbers, compared as such; what is no number there is unknown."
    )

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        """Refuse a column twice, and those that are there anyway."""
        names = [*self.filterable, *self.numbers]
        taken = sorted({name for name in names if name in _ALWAYS or names.count(name) > 1})
        if taken or "location" in self.numbers:
            raise ValueError(
                f"column {(taken or ['location'])[0]!r} is there already: name each once; id, title, "
                "label and updated_at can always be filtered by, and location is a text"
            )
        return self

    @property
    def columns(self) -> dict[str, Kind]:
        """What each column holds, in their order in the table."""
        texts: dict[str, Kind] = dict.fromkeys(self.filterable, "text")
        return {**texts, **dict.fromkeys(self.numbers, "number")}

    @property
    def metadata(self) -> tuple[list[str], list[str]]:
        """The columns of texts and of numbers that are not a candidate's own fields."""
        return [name for name in self.filterable if name != "location"], self.numbers


class IndexSection(Section):
    """The index of candidates; the scores it gives are exact with every backend."""

    backend: Literal["auto", "faiss_hnsw", "faiss_factory", "annoy", "hnswlib", "milvus", "exact"] = Field(
        "faiss_hnsw",
        description="`auto`: what is quickest with the recall asked for, by measurement, see indexes.md; "
        "`faiss_hnsw`: a graph, for most; `faiss_factory`: inverted lists and quantisers, for "
        "many candidates in little memory; `annoy`: a forest (needs the extra `annoy`); "
        "`hnswlib`: a graph in the memory of each worker (needs the extra `hnswlib`); `milvus`: a "
        "graph in Milvus, of a cluster or in the folder (needs the extra `milvus`); `exact`: all are "
        "compared.",
    )
    recall: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.95, description="`auto`: share of the ten nearest that a search must find, on average."
    )
    max_memory: Annotated[int, Field(ge=1)] | None = Field(
        None, description="`auto`: megabytes that searches may read of the index; no limit by default."
    )
    mapped: bool = Field(
        True,
        description="`auto`: take only what maps its vectors, so that the workers of a service share them "
        "and open it at once; false also tries hnswlib (the extra `hnswlib`), of which each holds a copy.",
    )
    links: Annotated[int, Field(ge=4, le=128)] = Field(
        32, description="`faiss_hnsw`, `hnswlib`, `milvus`: M, links a node."
    )
    build_effort: Annotated[int, Field(ge=8, le=2000)] = Field(
        200, description="`faiss_hnsw`, `hnswlib`, `milvus`: efConstruction."
    )
    search_effort: Annotated[int, Field(ge=8, le=2000)] = Field(
        128, description="`faiss_hnsw`, `hnswlib`, `milvus`: efSearch."
    )
    uri: str = Field(
        "",
        description="`milvus`: a cluster, as http://host:19530; its token is read from MILVUS_TOKEN, and "
        "every training makes a collection of its own. Where it is empty, the release holds a database of "
        "Milvus Lite.",
    )
    trees: Annotated[int, Field(ge=1, le=10_000)] = Field(50, description="`annoy`: trees in the forest.")
    search_nodes: Annotated[int, Field(ge=1, le=100_000_000)] = Field(
        2_000, description="`annoy`: search_k, nodes looked at."
    )
    factory: str = Field(
        "IVF{lists},SQ8",
        description="`faiss_factory`: FAISS's factory string; `{lists}` becomes 2 sqrt(candidates). "
        "`IVF{lists},SQbf16` is quicker, `IVF{lists},PQ100x4fsr` (of 100 dimensions) with more than 100,000.",
    )
    probes: Annotated[int, Field(ge=1, le=65_536)] = Field(
        32, description="`faiss_factory`: inverted lists visited, or efSearch of a graph."
    )
    refine: Annotated[int, Field(ge=1, le=1_000)] = Field(
        4, description="`faiss_factory`: proposals for each answer wanted, whose exact scores are computed."
    )

    @property
    def max_bytes(self) -> int | None:
        """`max_memory` in bytes."""
        return None if self.max_memory is None else self.max_memory * 1_000_000
