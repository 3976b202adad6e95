"""fastText's own training of a classifier: its parameters, the search for them, quantisation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import fasttext

from embedsvc.errors import RecipeError
from embedsvc.spaces import Space
from training.recipe import ClassifierSection
from training.trainers.fasttext.process import FEWEST_THREADS, Curve, Progress, fit_classifier
from training.trainers.fasttext_search import Search, Settings, Trial
from training.trainers.fasttext_texts import Written

_KNOWN = 0.1  # of the texts' words, from which the space's vectors are tried
_FEWEST_ROWS = 256  # centroids of a product quantiser


class Fitted(NamedTuple):
    """An open model, and the curve of its loss: (share of the training done, loss)."""

    model: Any
    curve: Curve


@dataclass(frozen=True)
class Fitting:
    """Trains models on texts in a folder, in a process of their own.

    Attributes:
        section: Parameters.
        words: Gives the first vectors.
        seed: The same gives the same model where one thread is used.
        multi_label: One-vs-all in place of a softmax.
        progress: Told (done, total, note).
    """

    section: ClassifierSection
    words: Space
    seed: int
    multi_label: bool
    progress: Progress | None = None

    def fit(self, written: Written) -> Fitted:
        """A model by the recipe's parameters, from the word space's vectors.

        Raises:
            RecipeError: It diverged, or cannot be quantised.
        """
        given = {
            "epoch": self.section.epochs, "lr": self.section.learning_rate, "dim": self.words.dimension,
            "bucket": 0, "thread": 1, "pretrainedVectors": str(written.vectors(self.words, self.seed)),
        }  # fmt: skip
        return self._fitted(written, given, self.progress)

    def fit_like(self, written: Written, settings: Settings, gone: float = 0.0) -> Fitted:
        """A model by settings that were found.

        Args:
            written: Texts to learn from.
            settings: What was found.
            gone: Seconds of `autotune_seconds` that finding them took; progress goes on from there.

        Raises:
            RecipeError: It diverged, or cannot be quantised.
        """
        total = max(gone, float(self.section.autotune_seconds))

        def tell(share: float, _all: float, note: str) -> None:
            if self.progress is not None:
                self.progress(gone + share * (total - gone), total, note)

        return self._fitted(written, self._given(written, settings), tell)

    def tuned(self, written: Written, validation: Path, again: float) -> tuple[Fitted, Trial, int]:
        """The model of the best settings found in `autotune_seconds`, its trial, and how many there were.

        Args:
            written: Texts to learn from.
            validation: Texts to judge by.
            again: How much longer than a trial learning once more will take.

        Raises:
            RecipeError: All diverged, or the best cannot be quantised.
        """
        known, model = written.share_known(self.words), written.folder / "trial.bin"
        best = written.folder / "best.bin"
        usual = ClassifierSection()
        search = Search(
            starts=[Settings(each.epochs, each.learning_rate) for each in (usual, self.section)],
            dimension=self.words.dimension if known >= _KNOWN else 0,
            seconds=self.section.autotune_seconds,
            again=again,
            seed=self.seed,
        )
        most, curve = -1.0, []

        def attempt(settings: Settings, limit: float | None) -> float | None:
            nonlocal most, curve
            given = self._parameters(self._given(written, settings))
            done = fit_classifier(written.texts, model, given, validation=validation, limit=limit)
            if done is None or done.right is None:
                return None
            if done.right > most:
                most, curve = done.right, done.curve
                model.replace(best)
            return done.right

        trial, trials = search.best(attempt, self._tell)
        return Fitted(self._opened(best, written), curve), trial, trials

    def _tell(self, gone: float, note: str) -> None:
        if self.progress is not None:
            self.progress(gone, self.section.autotune_seconds, note)

    def _given(self, written: Written, settings: Settings) -> dict[str, Any]:
        given = {**settings.parameters(), "thread": FEWEST_THREADS}
        if settings.vectors:
            given["pretrainedVectors"] = str(written.vectors(self.words, self.seed))
        return given

    def _parameters(self, given: dict[str, Any]) -> dict[str, Any]:
        loss = "ova" if self.multi_label else "softmax"
        return {"minCount": 2, "loss": loss, "seed": self.seed, **given}

    def _fitted(self, written: Written, given: dict[str, Any], progress: Progress | None) -> Fitted:
        output = written.folder / "model.bin"
        done = fit_classifier(written.texts, output, self._parameters(given), progress)
        assert done is not None  # noqa: S101 - it had no limit
        return Fitted(self._opened(output, written), done.curve)

    def _opened(self, path: Path, written: Written) -> Any:
        model = fasttext.FastText._FastText(model_path=str(path))
        if self.section.quantize:
            if len(model.words) < _FEWEST_ROWS:
                raise RecipeError(
                    f"The classifier knows {len(model.words)} words, too few to quantise "
                    f"({_FEWEST_ROWS} at least); set classifier.quantize = false."
                )
            model.quantize(input=str(written.texts), qnorm=True, thread=1)
        return model
