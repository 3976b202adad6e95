"""The stages of the sentence encoder `transformer`: the checkpoint, its fine-tuning, its export."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from training import building
from training.recipe import LocatedRecipe
from training.stages import Workspace


class TransformerStages:
    """From a checkpoint to an encoder that can be served.

    Args:
        located: The recipe.
        work: Where stages keep what they made.
        corpus: The prepared corpus.
        pairs: Gives the mined pairs; asked where the checkpoint is fine-tuned.
    """

    def __init__(
        self, located: LocatedRecipe, work: Workspace, corpus: Path, pairs: Callable[[], Path]
    ) -> None:
        self._located = located
        self._section = located.recipe.transformer
        self._work = work
        self._corpus = corpus
        self._pairs = pairs

    @cached_property
    def encoder(self) -> Path:
        """The encoder."""
        section, corpus = self._section, self._corpus
        served = section.model_dump(include={"max_tokens", "dimension", "precision"})
        start, facts = self._finetuned if section.epochs else self._checkpoint
        return self._work.run(
            "transformer",
            {**facts, "corpus": corpus, "served": served},
            lambda folder, _meter: building.encoder(corpus, start, section, folder),
        )

    @cached_property
    def _finetuned(self) -> tuple[Path, dict[str, Any]]:
        """The fine-tuned checkpoint, and what it depends on."""
        section, seed, pairs = self._section, self._located.recipe.seed, self._pairs()
        start, facts = self._checkpoint
        unlearnt = {"checkpoint", "revision", "dimension", "precision", "device", "workers"}
        learnt = section.model_dump(exclude=unlearnt)
        home = self._work.run(
            "finetuned",
            {**facts, "pairs": pairs, "section": learnt, "seed": seed},
            lambda folder, meter: building.finetuned(start, pairs, section, seed, folder, meter),
        )
        return home / building.CHECKPOINT, {"finetuned": home}

    @cached_property
    def _checkpoint(self) -> tuple[Path, dict[str, Any]]:
        """Where the checkpoint lies that the recipe names, and what tells it from others."""
        section = self._section
        named = self._located.resolve(section.checkpoint)
        if section.checkpoint and named.is_dir():
            return named, {"checkpoint": building.checkpoint_facts(named)}
        home = self._work.run(
            "checkpoint",
            {"name": section.checkpoint, "revision": section.revision},
            lambda folder, _meter: building.checkpoint(section, folder),
        )
        return home / building.CHECKPOINT, {"checkpoint": home}
