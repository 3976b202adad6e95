"""GloVe vectors, trained by compiled code on all cores.

tokens      the corpus as numbers on disk
tiles       how the co-occurrence matrix is cut into tiles that fit the cache
counting    weighted counts of pairs in bounded memory: sweep (compiled), table, runs
pairs       what training reads, tile by tile
parameters  the rows that training changes
descent     stochastic gradient descent with AdaGrad (compiled)
trainer     all of it, from two files to a space
"""

from training.trainers.glove.trainer import train_glove

__all__ = ["train_glove"]
