"""Stages that make the sentence encoder `transformer`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import RecipeError
from training.building.sentences import mined_pairs
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter
from training.recipe import TransformerSection
from training.trainers import transformer

CHECKPOINT = "checkpoint"
_REPORT = "report.json"
_COMPARED = 200  # documents by which served and trained vectors are compared


def checkpoint_facts(folder: Path) -> dict[str, str]:
    """What a checkpoint's folder holds, for the key of the stages that use it.

    Raises:
        RecipeError: It is no checkpoint, or one that would have to be unpickled.
    """
    transformer.check(folder)
    return transformer.fingerprint(folder)


def checkpoint(section: TransformerSection, folder: Path) -> None:
    """Fetch the checkpoint that the recipe names from the hub.

    Raises:
        RecipeError: The recipe names none, or it cannot be fetched or used.
    """
    if not section.checkpoint:
        raise RecipeError(
            'sentences.kind = "transformer" starts from a checkpoint: let transformer.checkpoint name a '
            "folder that sentence-transformers saved."
        )
    transformer.fetch(section.checkpoint, section.revision, folder / CHECKPOINT)
    transformer.check(folder / CHECKPOINT)


def finetuned(
    start: Path, pairs: Path, section: TransformerSection, seed: int, folder: Path, meter: Meter
) -> None:
    """Fine-tune a checkpoint on mined pairs.

    Raises:
        EmptyCorpusError: Fewer than two candidates have two texts to pair.
        OptionalDependencyError: torch or sentence-transformers is not installed.
        RecipeError: The checkpoint cannot be opened, or training diverged.
    """
    mined = mined_pairs(pairs, section.max_pairs)
    done = transformer.train_transformer(start, mined, section, seed, folder / CHECKPOINT, meter.update)
    (folder / _REPORT).write_bytes(orjson.dumps(done.as_json()))


def encoder(corpus: Path, start: Path, section: TransformerSection, folder: Path) -> None:
    """Export a checkpoint, fine-tuned or as it is, for serving.

    Raises:
        OptionalDependencyError: torch, sentence-transformers or onnx is not installed.
        RecipeError: The checkpoint cannot be opened or exported.
    """
    documents = PreparedCorpus(corpus).sample("train", _COMPARED)
    sample = [[*each.title_tokens, *each.tokens] for each in documents]
    report = start.parent / _REPORT
    learnt: dict[str, Any] = orjson.loads(report.read_bytes()) if section.epochs else {}
    # Where the checkpoint lay is a path of the machine it was trained on, and none of a release's business.
    parameters = section.model_dump(mode="json", exclude={"checkpoint", "device", "workers"})
    name = Path(section.checkpoint).name
    transformer.export(start, sample, section, {**parameters, "checkpoint": name, **learnt}, folder)
