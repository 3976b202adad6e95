"""Fine-tuning of a checkpoint on pairs of texts, on the processor or a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.spaces.transformer_encoder import TOKENIZER
from embedsvc.spaces.transformer_runtime import PieceCutter
from training.preparation.candidate_pairs import TextPair
from training.recipe import TransformerSection
from training.trainers.transformer.libraries import chosen_device, load
from training.trainers.transformer.objective import ranking_loss
from training.trainers.transformer.piece_pairs import PiecePairs
from training.trainers.transformer.vocabulary import most_pieces, save_tokenizer, unknown_piece

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

_REPORTS_AN_EPOCH = 20
_LARGEST_GRADIENT = 1.0
_WEIGHT_DECAY = 0.01
Progress = Callable[[float, float, str], None]


@dataclass(slots=True)
class FineTuning:
    """What a fine-tuning counted.

    Attributes:
        pairs: Pairs learned from.
        truncated: Their texts of which the end was left out.
        curve: Pairs seen, and the mean loss of those since the last point.
    """

    pairs: int
    truncated: int
    curve: list[tuple[int, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def train_transformer(
    checkpoint: Path,
    pairs: Iterable[TextPair],
    section: TransformerSection,
    seed: int,
    folder: Path,
    progress: Progress | None = None,
) -> FineTuning:
    """Fine-tune a checkpoint and save it as a folder of sentence-transformers.

    Args:
        checkpoint: A checked one.
        pairs: What belongs together; read once.
        section: Parameters.
        seed: Of the order of pairs, the negatives and the dropout; with one worker on the processor the
            same seed gives the same bytes.
        folder: Gets the checkpoint.
        progress: Told (pairs done, pairs in all, "loss 1.23").

    Raises:
        EmptyCorpusError: Fewer than two pairs can be learned from.
        OptionalDependencyError: A library is not installed.
        RecipeError: The checkpoint cannot be opened, or training diverged.
    """
    device = chosen_device(section.device)
    model = load(checkpoint, device)
    known = _cut(model, pairs, section.max_tokens)
    if len(known) < 2:
        raise EmptyCorpusError(
            "No two pairs of texts can be learned from: candidates need a summary beside their experience or "
            "skills beside their title. Map these fields in the recipe, or set transformer.epochs = 0."
        )
    done = FineTuning(len(known), known.truncated)
    _Run(model, known, section, seed, done).run(progress)
    model.to("cpu").save_pretrained(str(folder), create_model_card=False, safe_serialization=True)
    return done


def _cut(model: SentenceTransformer, pairs: Iterable[TextPair], wanted: int) -> PiecePairs:
    with TemporaryDirectory() as scratch:
        save_tokenizer(model, Path(scratch) / TOKENIZER)
        cutter = PieceCutter(Path(scratch) / TOKENIZER, most_pieces(model, wanted), unknown_piece(model))
        return PiecePairs(pairs, cutter)


class _Run:
    """AdamW (Loshchilov and Hutter 2019) with a warm-up and a linear fall, as such checkpoints were made."""

    def __init__(
        self,
        model: SentenceTransformer,
        pairs: PiecePairs,
        section: TransformerSection,
        seed: int,
        done: FineTuning,
    ) -> None:
        import torch

        torch.manual_seed(seed)
        if section.workers:
            torch.set_num_threads(section.workers)
        self._model = model.train()
        self._pairs = pairs
        self._section = section
        self._done = done
        self._generator = np.random.default_rng(seed)
        self._total = section.epochs * len(pairs)
        self._optimizer = torch.optim.AdamW(
            model.parameters(), lr=section.learning_rate, weight_decay=_WEIGHT_DECAY
        )

    def run(self, progress: Progress | None) -> None:
        """Learn every epoch, and leave the model as it is served."""
        step = max(1, len(self._pairs) // _REPORTS_AN_EPOCH)
        seen, losses = 0, list[float]()
        for _ in range(self._section.epochs):
            for batch in self._pairs.batches(self._section.batch, self._section.area_run, self._generator):
                losses.append(self._learn(batch, seen / self._total))
                before, seen = seen, seen + len(batch)
                if before // step != seen // step:
                    self._done.curve.append((seen, round(float(np.mean(losses)), 4)))
                    losses.clear()
                    if progress is not None:
                        progress(seen, self._total, f"loss {self._done.curve[-1][1]:.3f}")
        self._model.eval()

    def _learn(self, batch: npt.NDArray[np.int64], share: float) -> float:
        import torch

        section, pairs = self._section, self._pairs
        seconds, apart = pairs.texts(1, batch), pairs.apart(batch)
        if section.objective == "triplets":
            others = pairs.of_same_area(batch, self._generator)
            seconds += pairs.texts(1, others)
            apart = np.hstack([apart, pairs.apart(batch, others)])
        loss = ranking_loss(
            self._vectors(pairs.texts(0, batch)),
            self._vectors(seconds),
            torch.from_numpy(apart).to(self._model.device),
            section.scale,
            section.prefixes,
        )
        value = float(loss.detach())
        if not np.isfinite(value):
            raise RecipeError("Training of the transformer diverged; lower transformer.learning_rate.")
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), _LARGEST_GRADIENT)
        for group in self._optimizer.param_groups:
            group["lr"] = section.learning_rate * _rate(share, section.warmup)
        self._optimizer.step()
        return value

    def _vectors(self, texts: Sequence[npt.NDArray[np.int32]]) -> Tensor:
        """(n, d) vectors, gradients included; shorter texts are filled up and the filling is not attended."""
        import torch

        filling = self._model.tokenizer.pad_token_id or 0
        ids = np.full((len(texts), max(map(len, texts))), filling, np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(texts):
            ids[row, : len(text)], mask[row, : len(text)] = text, 1
        device = self._model.device
        given = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        found: Tensor = self._model({name: each.to(device) for name, each in given.items()})[
            "sentence_embedding"
        ]
        return found


def _rate(share: float, warmup: float) -> float:
    """The share of the learning rate when `share` of the work is done."""
    if share < warmup:
        return share / warmup
    return (1 - share) / (1 - warmup)
