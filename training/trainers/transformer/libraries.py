"""torch and sentence-transformers, which are imported when one of these is called and by this package alone.

A checkpoint is data: code that it brings along is never run, and weights are read from safetensors alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from embedsvc.errors import OptionalDependencyError, RecipeError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Device = Literal["auto", "cpu", "cuda"]


def missing(package: str) -> OptionalDependencyError:
    """The error of a library that is not installed."""
    return OptionalDependencyError(
        f"A transformer needs {package}, which is not installed: pip install 'embedsvc[transformer]'."
    )


def load(folder: Path, device: str = "cpu", *, traceable: bool = False) -> SentenceTransformer:
    """Open a checked checkpoint.

    Args:
        folder: Where it lies.
        device: `cpu` or `cuda`.
        traceable: Attend in plain steps, which the exporter understands; else in the library's quickest way.

    Raises:
        OptionalDependencyError: torch or sentence-transformers is not installed.
        RecipeError: A file of it is missing, cut short or asks for code that is not the library's.
    """
    try:
        with _quietly():
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
    except ImportError:
        raise missing("sentence-transformers") from None
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        with _quietly():
            return SentenceTransformer(
                str(folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={
                    "use_safetensors": True,
                    **({"attn_implementation": "eager"} if traceable else {}),
                },
            )
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise RecipeError(
            f"The checkpoint that transformer.checkpoint names cannot be opened ({reason}); "
            "fetch it again, or name another."
        ) from error


def chosen_device(wanted: Device) -> str:
    """`cuda` or `cpu`.

    Raises:
        OptionalDependencyError: torch is not installed.
        RecipeError: A GPU is asked for and torch sees none.
    """
    try:
        import torch
    except ImportError:
        raise missing("torch") from None
    seen = torch.cuda.is_available()
    if wanted == "cuda" and not seen:
        raise RecipeError('transformer.device is "cuda" and torch sees no GPU; set "auto" or "cpu".')
    return "cuda" if seen and wanted != "cpu" else "cpu"


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the libraries' warnings about each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
