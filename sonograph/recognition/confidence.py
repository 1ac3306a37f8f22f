"""How likely an answer is right."""

from math import exp, log1p

# An answer less likely than that is none.
LEAST = 0.5
AGREES = 4.0  # standard deviations from which Chromaprint is said to have heard it, too


def of(evidence: float, score: float | None) -> float:
    """`evidence` of Chromaprint in standard deviations, `score` of landmarks in nats; None where there are none."""
    if score is None:
        return _logistic(1.5 * (evidence - 6.0))
    return _logistic(2.6 * log1p(score) - 6.6 + max(0.0, evidence - AGREES))


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-max(-50.0, min(50.0, value))))
