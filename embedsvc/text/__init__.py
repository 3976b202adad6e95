"""Text: cleaning, personal data, tokens, the normal form and the skill lexicon.

The same rules run when a release is trained and when it is asked, so they live here and nowhere else.

    raw -> clean_text -> scrub -> Tokenizer.lines -> training
    query -> Lexicon.find -> row of the skill
"""

from embedsvc.text.cleaning import clean_text
from embedsvc.text.lexicon import Lexicon
from embedsvc.text.normal import normal_form
from embedsvc.text.privacy import scrub
from embedsvc.text.skills import Alias, Match, Skill
from embedsvc.text.tokens import Tokenizer

__all__ = ["Alias", "Lexicon", "Match", "Skill", "Tokenizer", "clean_text", "normal_form", "scrub"]
