"""The model card: what a release was trained on, how good it is, what it should not be used for.

`measuring` looks at an open release, `writing` composes what was measured and what the manifest says into
Markdown with pictures and one page. Imported when used: scikit-learn takes a second to load.
"""

from __future__ import annotations

from training.card.markdown import markdown
from training.card.measured import Measured
from training.card.measuring import VERSION, measure, measure_index
from training.card.page import page
from training.card.writing import card_of, compose, save, write_card

__all__ = [
    "VERSION",
    "Measured",
    "card_of",
    "compose",
    "markdown",
    "measure",
    "measure_index",
    "page",
    "save",
    "write_card",
]
