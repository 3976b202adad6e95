"""Where each part of a release lies, relative to the release's folder.

lexicon/            skills and their surface forms
spaces/words/       word vectors; a skill of several words is one key
spaces/glove/       a second space of word vectors, where the recipe asks for it
spaces/fasttext/    word vectors made of subwords, where the recipe asks for it
spaces/sentences/   the sentence encoder over the words
indexes/similar/    neighbour table of every skill: second order, could stand in for it
indexes/used_with/  neighbour table of every skill: first order, asked for together with it
indexes/evidence/   how many lists name each skill, and both of a skill and a kept neighbour
indexes/subwords/   the skills' vectors in spaces/fasttext; how near a query must be to count as one
indexes/candidates/ nearest-neighbour index and table of the candidates
indexes/completion/ what is known of pairs of skills, and the network that completes lists by it
classifiers/<name>/ one classifier a folder
split/              which groups of candidates are held back from training, as hashes
calibration/        noise floors: what random pairs of a space score, by which cosines are told
card/               the model card: Markdown, one page, pictures, what was measured for it
"""

from __future__ import annotations

from typing import Final

LEXICON: Final = "lexicon"
WORDS: Final = "spaces/words"
GLOVE: Final = "spaces/glove"
FASTTEXT: Final = "spaces/fasttext"
SENTENCES: Final = "spaces/sentences"
EVIDENCE: Final = "indexes/evidence"
COMPLETION: Final = "indexes/completion"
SUBWORDS: Final = "indexes/subwords"
CANDIDATES: Final = "indexes/candidates"
CLASSIFIERS: Final = "classifiers"
CALIBRATION: Final = "calibration"
SPLIT: Final = "split"
CARD: Final = "card"
RELATIONS: Final = {"similar": "indexes/similar", "used_with": "indexes/used_with"}
