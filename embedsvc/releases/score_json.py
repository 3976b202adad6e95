"""Ready JSON of scores: the end of an answer's item, from a cosine of four digits to its relatedness."""

from __future__ import annotations

from embedsvc.spaces.noise_floor import NoiseFloor


class ScoreJson(dict[float, bytes]):
    """`score` -> b'<score>,"relatedness":<number or null>}', made when first asked for.

    Scores have four digits and lie in [-1, 1], so that there are at most some 20,000; a look-up takes a
    fraction of what encoding a number does. Two threads that miss at once make the same bytes.

    Args:
        floor: Of the space the scores come from; without it, relatedness is null.
    """

    def __init__(self, floor: NoiseFloor | None) -> None:
        super().__init__()
        self._floor = floor

    def relatedness(self, score: float) -> float | None:
        """The relatedness of a score, or None where nothing is known of the space."""
        return None if self._floor is None else self._floor.relatedness(score)

    def __missing__(self, score: float) -> bytes:
        relatedness = self.relatedness(score)
        ready = f'{score!r},"relatedness":{"null" if relatedness is None else repr(relatedness)}}}'.encode()
        self[score] = ready
        return ready
