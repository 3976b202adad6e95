"""fastText: word vectors made of subwords, so that unseen words and misspellings have one too.

contexts.py     texts and skill lists as the one file that the library reads
library.py      what runs in a process of its own: the library and nothing of ours
process.py      starts that process and reads its progress
compression.py  the model as a space of a quarter of its size
guesses.py      the skills' own vectors, and how alike a query must be to count as one
"""

from training.trainers.fasttext.compression import compress
from training.trainers.fasttext.guesses import skill_guesses
from training.trainers.fasttext.trainer import train_fasttext

__all__ = ["compress", "skill_guesses", "train_fasttext"]
