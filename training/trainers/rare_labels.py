"""Which labels have enough documents to be learned, and which have not: said, never silent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

_LOG = logging.getLogger(__name__)
_NAMED = 20


def learned_labels(counts: Mapping[str, int], least: int) -> tuple[list[str], dict[str, Any]]:
    """The labels of at least `least` documents, in order, and what there is to say of the others.

    Of those, which are logged as a warning too: `labels`, how many; `documents`, theirs; `least`; `named`,
    the most frequent with their documents. Empty where there are none. No document's text is in it.
    """
    learned = sorted(label for label, count in counts.items() if count >= least)
    rare = sorted(((-count, label) for label, count in counts.items() if count < least))
    if not rare:
        return learned, {}
    named = {label: -count for count, label in rare[:_NAMED]}
    documents = -sum(count for count, _ in rare)
    _LOG.warning(
        "%d of %d labels have fewer than classifier.min_label_count = %d documents and are not learned "
        "(%d documents): %s%s.",
        len(rare),
        len(counts),
        least,
        documents,
        ", ".join(f"{label!r} {count}" for label, count in named.items()),
        "" if len(rare) <= _NAMED else ", and others",
    )
    return learned, {"labels": len(rare), "documents": documents, "least": least, "named": named}
