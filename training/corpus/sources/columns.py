"""Tables must have a column that tells something of a candidate."""

from __future__ import annotations

from collections.abc import Sequence

from embedsvc.errors import BrokenSourceError
from training.corpus.fields import FieldMapping

_SHOWN = 30


def require_known(name: str, columns: Sequence[str], mapping: FieldMapping, *, show: bool = True) -> None:
    """Refuse a table none of whose columns is mapped to a text or the skills of a candidate.

    Args:
        name: The table, for the message.
        columns: Its columns.
        mapping: Which of them are read.
        show: Whether the columns' names may be shown.

    Raises:
        BrokenSourceError: There is none.
    """
    if mapping.reads_text_from(columns):
        return
    told = ", ".join(columns[:_SHOWN]) + (", ..." if len(columns) > _SHOWN else "")
    hint = f"its columns are {told}" if show else "if its first line is no header, name them with `columns`"
    raise BrokenSourceError(
        f"{name}: none of its {len(columns)} columns is mapped to the text or the skills of a candidate "
        f"({hint}); set `preset` or corpus.sources.fields in the recipe."
    )
