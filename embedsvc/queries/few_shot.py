"""Labels made of a few examples each, without training: the nearest mean in the release's sentence space.

How near is near depends on the encoder. So a cosine counts in standard deviations above the cosines that the
release's own skills have with the same mean (z): near 0 for any text, 2 and more for one of the kind. The
probabilities are the softmax of SHARPNESS z over the labels and "none of these", whose z is NONE. SHARPNESS
was chosen on functional areas of CVs, 1 to 20 examples each: 2 fits one example, 4 fits twenty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from embedsvc.errors import InputError
from embedsvc.queries.encode import encode
from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix

SHARPNESS: Final = 3.0
NONE: Final = 2.0
_BACKGROUND = 500  # skills
_backgrounds: WeakKeyDictionary[Release, Matrix] = WeakKeyDictionary()

Shares = npt.NDArray[np.float64]


def few_shot(release: Release, examples: Mapping[str, Sequence[str]], texts: Sequence[str]) -> Shares:
    """(n, labels + 1) probabilities of the labels, in the order of `examples`, and of none of them.

    Args:
        release: Whose sentence encoder is used.
        examples: Texts of each label, one at least.
        texts: Any number.

    Raises:
        InputError: An example holds no word that the release knows.
    """
    means = np.stack([_mean(release, number, given) for number, given in enumerate(examples.values())])
    usual = _background(release) @ means.T
    # A handful of skills says little of the spread; unrelated directions spread by 1 / sqrt(dimension).
    spread = np.maximum(usual.std(axis=0), 1 / np.sqrt(means.shape[1]))
    above = (encode(release, texts) @ means.T - usual.mean(axis=0)) / spread
    logits = SHARPNESS * np.column_stack([above, np.full(len(texts), NONE)]).astype(np.float64)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _mean(release: Release, number: int, examples: Sequence[str]) -> npt.NDArray[np.float32]:
    vectors = encode(release, examples)
    for place, vector in enumerate(vectors):
        if not vector.any():
            raise InputError(
                f"Example {place + 1} of label {number + 1} holds no word that release {release.name} knows; "
                "send another.",
                details={"label": number, "example": place},
            )
    mean = vectors.mean(axis=0)
    # Opposite examples cancel out; what is left of them points anywhere.
    return np.asarray(mean / max(float(np.linalg.norm(mean)), np.finfo(np.float32).tiny))


def _background(release: Release) -> Matrix:
    """Vectors of skills, kept as long as the release is open: a transformer takes a second for them."""
    known = _backgrounds.get(release)
    if known is None:
        known = _backgrounds[release] = _encoded_skills(release)
    return known


def _encoded_skills(release: Release) -> Matrix:
    step = max(1, len(release.lexicon) // _BACKGROUND)
    tokens = [[release.lexicon[row].token] for row in range(0, len(release.lexicon), step)]
    return release.sentences.encode(tokens)
