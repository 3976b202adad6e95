"""O*NET, the American database of occupations: `Technology Skills.txt` of the official download (text).

One row for each occupation and tool; `Example` names the tool. Many names hold their own acronym behind the
words it stands for, "Structured query language SQL": both parts are other labels then, and of "Customer
relationship management CRM software" the label without the acronym is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.lexicon.acronyms import long_form
from training.taxonomies.concepts import Concept, neat, table


def read_onet(path: Path) -> Iterator[Concept]:
    """Yield the tools of `Technology Skills.txt`, each once.

    Raises:
        SourceNotFoundError: The file is not there.
        CorpusError: It is not that table.
    """
    seen: set[str] = set()
    for (example,) in table(path, "O*NET's table of technology skills", ("Example",), "\t"):
        label = neat(example)
        if label and label not in seen:
            seen.add(label)
            yield Concept(label, tuple(_others(label.split())), "onet")


def _others(words: list[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        if at > 1 and len(word) > 1 and word.isupper():
            long = long_form(word, words[:at])
            if long and len(long.split()) == at:
                yield " ".join([*words[:at], *words[at + 1 :]])
                if at == len(words) - 1:
                    yield word
                return
