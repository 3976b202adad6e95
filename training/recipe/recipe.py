"""A whole recipe, where it lies, and how it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from embedsvc.errors import RecipeError
from embedsvc.queries import Gate
from training.corpus.paths import shown
from training.recipe.candidates import (
    CandidatesSection,
    CleaningSection,
    Corpus,
    IndexSection,
    LexiconSection,
)
from training.recipe.completion import CompletionSection
from training.recipe.evaluation import CardSection, EvaluationSection
from training.recipe.labels import ClassifierSection
from training.recipe.section import Section
from training.recipe.spaces import (
    AlignmentSection,
    FastTextSection,
    GloveSection,
    RelationsSection,
    SentencesSection,
    StaticSection,
    TransformerSection,
    Word2VecSection,
)


class Recipe(Section):
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
    fasttext: FastTextSection = FastTextSection()
    alignment: AlignmentSection = AlignmentSection()
    relations: RelationsSection = RelationsSection()
    completion: CompletionSection = CompletionSection()
    sentences: SentencesSection = SentencesSection()
    static: StaticSection = StaticSection()
    transformer: TransformerSection = TransformerSection()
    classifier: ClassifierSection = ClassifierSection()
    candidates: CandidatesSection = CandidatesSection()
    index: IndexSection = IndexSection()
    evaluation: EvaluationSection = EvaluationSection()
    card: CardSection = CardSection()
    gate: Gate = Gate()


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
