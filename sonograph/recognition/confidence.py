"""How likely an answer is right."""

from math import exp

# An answer less likely than that is none.
LEAST = 0.5


def of_fingerprint(evidence: float) -> float:
    """Of a run of Chromaprint items that agree, `evidence` standard deviations better than by chance."""
    return 1 / (1 + exp(max(-50.0, min(50.0, 1.5 * (6.0 - evidence)))))
