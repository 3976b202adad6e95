"""The recipe, `embedsvc.toml`: where candidates come from and what to make of them.

Every knob with its default and its unit. Paths are relative to the recipe's own folder. An unknown key
is an error that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from embedsvc.errors import RecipeError
from training.corpus.paths import shown
from training.corpus.sources import Source

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Corpus(_Section):
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


class CleaningSection(_Section):
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


class LexiconSection(_Section):
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


class Word2VecSection(_Section):
    """The word space (gensim)."""

    algorithm: Literal["skip-gram", "cbow"] = Field(
        "skip-gram", description="Predict the words around a word, or a word from those around it."
    )
    dimension: Annotated[int, Field(ge=2, le=2000)] = Field(100, description="Numbers a vector.")
    window: Annotated[int, Field(ge=1, le=100)] = Field(5, description="Words to each side in text.")
    list_window: Annotated[int, Field(ge=1, le=1000)] = Field(
        20, description="Skills to each side in a skill list, whose order is ignored."
    )
    min_count: Annotated[int, Field(ge=1)] = Field(5, description="Rarer words have no vector.")
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(5, description="Passes over the corpus.")
    negative: Annotated[int, Field(ge=1, le=100)] = Field(5, description="Noise words a positive one.")
    sample: Share = Field(1e-3, description="Down-sampling threshold of frequent words.")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.025, description="Step size at the start; it falls linearly."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="0 = all cores; 1 gives the same bytes twice."
    )


class GloveSection(_Section):
    """A second word space (GloVe), beside that of word2vec."""

    enabled: bool = Field(False, description="True trains it and puts it into the release.")
    dimension: Annotated[int, Field(ge=1, le=2000)] = Field(100, description="Numbers a vector.")
    window: Annotated[int, Field(ge=1, le=100)] = Field(
        10, description="Words to each side in text; one at distance d counts 1 / d."
    )
    symmetric: bool = Field(True, description="False counts only the words before a word, in text.")
    list_window: Annotated[int, Field(ge=1, le=10_000)] = Field(
        1000, description="Skills of a list that count as near each other: more than a list has, for all."
    )
    list_weight: Literal["shared", "one"] = Field(
        "shared",
        description="Two skills of one list count 1 / (length - 1), so that long lists do not drown short "
        "ones, or 1.",
    )
    min_count: Annotated[int, Field(ge=1)] = Field(5, description="Rarer words have no vector.")
    x_max: Annotated[float, Field(gt=0)] = Field(
        10.0, description="Count from which a pair has full weight; more for larger corpora."
    )
    alpha: Annotated[float, Field(gt=0, le=2)] = Field(
        0.75, description="How the weight of rarer pairs falls: (count / x_max) to this power."
    )
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(15, description="Passes over the pairs.")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.05, description="Size of a first step; AdaGrad makes later ones smaller."
    )
    memory: Annotated[float, Field(gt=0)] = Field(
        2.0, description="GiB for counts and pairs; what is more goes to disk."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        0, description="0 = all cores; 1 gives the same bytes twice."
    )


class RelationsSection(_Section):
    """The neighbour tables of skills."""

    neighbours: Annotated[int, Field(ge=1, le=1000)] = Field(100, description="Rows kept a skill.")
    min_candidates: Annotated[int, Field(ge=1)] = Field(
        20, description="Skills named by fewer have neighbours but are nobody's neighbour in `similar`."
    )
    damping: Annotated[float, Field(ge=0)] = Field(
        50.0, description="Co-occurrences at which a `used_with` score reaches half its full weight."
    )


class SentencesSection(_Section):
    """The sentence encoder (SIF)."""

    a: Annotated[float, Field(gt=0)] = Field(
        1e-3,
        description="A word of frequency p weighs a / (a + p): the smaller, the less frequent words count.",
    )
    components: Annotated[int, Field(ge=0, le=50)] = Field(1, description="Common directions projected out.")
    sample: Annotated[int, Field(ge=1)] = Field(
        20_000, description="Documents the directions are taken from."
    )


class ClassifierSection(_Section):
    """The classifier of the label field (fastText), started from the word space."""

    enabled: bool = Field(True, description="False leaves it out of the release.")
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(
        25, description="Passes over the labelled documents."
    )
    learning_rate: Annotated[float, Field(gt=0, le=10)] = Field(0.5, description="Step size at the start.")
    min_label_count: Annotated[int, Field(ge=2)] = Field(
        5, description="Labels with fewer documents are left out."
    )
    excerpts: Annotated[int, Field(ge=0, le=20)] = Field(
        1, description="Random pieces of each document to learn from too, so that short texts are understood."
    )


class IndexSection(_Section):
    """The index of candidates (FAISS HNSW)."""

    links: Annotated[int, Field(ge=4, le=128)] = Field(32, description="HNSW's M: links a node.")
    build_effort: Annotated[int, Field(ge=8, le=2000)] = Field(200, description="HNSW's efConstruction.")
    search_effort: Annotated[int, Field(ge=8, le=2000)] = Field(128, description="HNSW's efSearch.")


class EvaluationSection(_Section):
    """Gold files to judge by, beside the candidates held back; each is judged where it is named."""

    esco: str | None = Field(None, description="`skills_en.csv` of ESCO: aliases it does not show are asked.")
    skillspan: str | None = Field(
        None, description="SkillSpan, JSON Lines: extraction from sentences of job ads."
    )
    extraction: str | None = Field(
        None, description="Decorte's skill extraction benchmark, JSON Lines with sentence and span."
    )


class Recipe(_Section):
    """A whole recipe."""

    store: str = Field("store", description="Release store to publish to.")
    work: str = Field("work", description="Where stages keep what they made, for resuming.")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        1, description="Of everything that is drawn by chance."
    )
    corpus: Corpus
    cleaning: CleaningSection = CleaningSection()
    lexicon: LexiconSection = LexiconSection()
    word2vec: Word2VecSection = Word2VecSection()
    glove: GloveSection = GloveSection()
    relations: RelationsSection = RelationsSection()
    sentences: SentencesSection = SentencesSection()
    classifier: ClassifierSection = ClassifierSection()
    index: IndexSection = IndexSection()
    evaluation: EvaluationSection = EvaluationSection()


class LocatedRecipe:
    """A recipe and the folder its paths are relative to."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self.recipe = recipe
        self.folder = folder

    def resolve(self, path: str) -> Path:
        """`path` of the recipe as a path of this machine."""
        return self.folder / Path(path).expanduser()

    @property
    def store(self) -> Path:
        """The release store.

        Raises:
            RecipeError: Its path is not UTF-8, which the libraries that write there ask for.
        """
        return self._writable("store", self.recipe.store)

    @property
    def work(self) -> Path:
        """The stages' folder.

        Raises:
            RecipeError: Its path is not UTF-8, as for the store.
        """
        return self._writable("work", self.recipe.work)

    def _writable(self, what: str, path: str) -> Path:
        resolved = self.resolve(path)
        try:
            str(resolved).encode()
        except UnicodeEncodeError:
            raise RecipeError(
                f"The path of `{what}` is not UTF-8: {shown(resolved)}; name another folder in the recipe."
            ) from None
        return resolved


def parse_recipe(document: Mapping[str, Any], folder: Path) -> LocatedRecipe:
    """A checked recipe from a parsed document.

    Raises:
        RecipeError: An unknown key or a value that cannot be used; the message names each.
    """
    try:
        return LocatedRecipe(Recipe.model_validate(document), folder)
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, item['loc'])) or 'recipe'}: {_reason(item)}" for item in error.errors()
        ]
        raise RecipeError(f"The recipe cannot be used. {'; '.join(problems)}.") from None


def load_recipe(path: Path) -> LocatedRecipe:
    """Read a recipe file.

    Raises:
        RecipeError: No such file, not TOML, an unknown key or a value that cannot be used.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"There is no recipe at {shown(path)}; write one or name another with --recipe."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"The recipe {shown(path)} cannot be read: {error}.") from error
    return parse_recipe(document, path.parent)


def _reason(item: Mapping[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        return "unknown key; docs/recipe.md lists them"
    return str(item["msg"]).removeprefix("Value error, ")
