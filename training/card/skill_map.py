"""A map of the most used skills: t-SNE (van der Maaten and Hinton 2008), coloured by k-means clusters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from embedsvc.releases.opening import Release
from training.card.measured import SkillMap

_SKILLS = 1_200
_LEAST = 30
_CLUSTERS = 14
_A_CLUSTER = 25  # skills, on average, or there are fewer clusters
_NAMES = 3
_NEAREST = 10

Matrix = npt.NDArray[np.float64]


def skill_map(release: Release, seed: int) -> SkillMap | None:
    """The map, or None where too few skills have vectors.

    Clusters are those of the space and not of the map, which is drawn beside them: what lies apart on the
    map and bears one colour is near in the space. One thread, so that the same release gives the same map.
    """
    known = [(skill, release.words.row(skill.token)) for skill in release.lexicon if skill.candidates]
    chosen = [(skill, row) for skill, row in known if row is not None][:_SKILLS]
    if len(chosen) < _LEAST:
        return None
    vectors = np.asarray(release.words.vectors[[row for _, row in chosen]], np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    clusters = max(2, min(_CLUSTERS, len(chosen) // _A_CLUSTER))
    perplexity = min(30.0, (len(chosen) - 1) / 3)
    with threadpool_limits(1):
        places = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, max_iter=500).fit_transform(
            vectors
        )
        belongs = KMeans(clusters, n_init=4, random_state=seed).fit_predict(vectors)
    order = [int(first) for first in dict.fromkeys(belongs.tolist())]  # that of the most used skill leads
    renamed = [order.index(cluster) for cluster in belongs.tolist()]
    names: list[list[str]] = [[] for _ in order]
    for (skill, _), cluster in zip(chosen, renamed, strict=True):
        if len(names[cluster]) < _NAMES:
            names[cluster].append(skill.name)
    x, y = _stretched(np.asarray(places, np.float64)).T
    return SkillMap(
        skills=[skill.name for skill, _ in chosen],
        candidates=[skill.candidates for skill, _ in chosen],
        x=x.round(4).tolist(),
        y=y.round(4).tolist(),
        cluster=renamed,
        clusters=names,
        kept=round(_kept(vectors, np.asarray(places, np.float64)), 4),
    )


def _stretched(places: Matrix) -> Matrix:
    """Coordinates in [0, 1], either axis."""
    low, high = places.min(axis=0), places.max(axis=0)
    stretched: Matrix = (places - low) / np.maximum(high - low, 1e-12)
    return stretched


def _kept(vectors: Matrix, places: Matrix) -> float:
    """Mean share of the nearest of each skill that stay its nearest on the map."""
    spans = np.square(places).sum(axis=1)
    apart = spans[:, None] + spans[None, :] - 2 * places @ places.T
    near, shown = vectors @ vectors.T, -apart
    width = min(_NEAREST, len(vectors) - 1)
    for scores in (near, shown):
        np.fill_diagonal(scores, -np.inf)
    true, drawn = (np.argpartition(-scores, width - 1, axis=1)[:, :width] for scores in (near, shown))
    return float(
        np.mean([len(set(one) & set(other)) / width for one, other in zip(true, drawn, strict=True)])
    )
