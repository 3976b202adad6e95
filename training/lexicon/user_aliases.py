"""The user's own aliases: a CSV that has the last word."""

from __future__ import annotations

import csv
from pathlib import Path

from embedsvc.errors import CorpusError, SourceNotFoundError


def read_user_aliases(path: Path) -> dict[str, str]:
    """Read `alias,skill` lines: skill by folded alias, "" where the alias shall stand alone.

    Raises:
        SourceNotFoundError: The file is not there.
        CorpusError: It is not UTF-8, or a line has no alias or more than two columns.
    """
    wishes: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                cells = [" ".join(cell.split()) for cell in row]
                if not any(cells) or cells[0].startswith("#"):
                    continue
                if len(cells) != 2 or not cells[0]:
                    raise CorpusError(
                        f"Line {number} of the alias file is not `alias,skill`: mend it, or begin it with #.",
                        details={"line": number},
                    )
                wishes[cells[0].casefold()] = cells[1]
    except FileNotFoundError as fault:
        raise SourceNotFoundError(f"The alias file {path.name} is not there: check the path.") from fault
    except (UnicodeDecodeError, csv.Error) as fault:
        raise CorpusError(f"The alias file {path.name} is not CSV in UTF-8: save it as such.") from fault
    return wishes
