"""What happens to text on its way through web forms, word processors and hurried fingers."""

from __future__ import annotations

from training.corpus.generator.dice import Dice

_MARKUP_MODES = ("breaks", "list", "paragraphs", "entities", "spaces")
_ODD_CHARACTERS = (" – ", "\u00a0", "\u200b ", " ", "  ", "\t", "… ")


def typo(dice: Dice, text: str) -> str:
    """`text` with one slip: two letters swapped, one dropped, or one doubled. Short text stays."""
    if len(text) < 5:
        return text
    at = dice.between(1, len(text) - 3)
    if not text[at : at + 2].isalpha():
        return text
    slip = dice.random()
    if slip < 0.5:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + (text[at + 1 :] if slip < 0.8 else text[at] + text[at:])


def oddity(dice: Dice, text: str) -> str:
    """`text` with one of its spaces replaced by what a word processor leaves behind."""
    at = text.find(" ", int(dice.random() * len(text)))
    return text if at < 0 else text[:at] + dice.pick(_ODD_CHARACTERS) + text[at + 1 :]


def markup_mode(dice: Dice) -> str:
    """How the remnants of HTML look in one candidate."""
    return dice.pick(_MARKUP_MODES)


def markup(mode: str, lines: list[str]) -> str:
    """Lines as they come out of a web form that kept its HTML."""
    safe = [line.replace("&", "&amp;") for line in lines]
    if mode == "breaks":
        return "<br>".join(safe)
    if mode == "list":
        return "<ul>" + "".join(f"<li>{line}</li>" for line in safe) + "</ul>"
    if mode == "paragraphs":
        return "".join(f"<p>{line}</p>\n" for line in safe)
    if mode == "spaces":
        return "&nbsp;<br />".join(line.replace(". ", ".&nbsp; ", 1) for line in safe)
    return "\n".join("&bull; " + line.replace("'", "&#39;") for line in safe)
