"""How likely an answer is right: a logistic curve over what both fingerprints say.

Fitted to the clips for tuning, half of which are of tracks that are in no index:
`python -m benchmarks.recognition.calibration CORPUS CLIPS`. What it is worth on others stands in
docs/explanation/recognition.md.
"""

from math import exp, log1p

# An answer less likely than that is none. Of the clips for tuning three in seven were right between 0.5 and here.
LEAST = 0.7
AGREES = 4.0  # standard deviations that unrelated music reaches now and then: what Chromaprint says begins above

_CONSTANT, _OF_SCORE, _OF_EVIDENCE = -7.207, 2.393, 0.728
_CONSTANT_ALONE, _OF_EVIDENCE_ALONE = -11.715, 1.615


def of(evidence: float, score: float | None) -> float:
    """`evidence` of Chromaprint in standard deviations, `score` of landmarks in nats; None where there are none."""
    values = features(evidence, score)
    if score is None:
        return _logistic(_CONSTANT_ALONE + _OF_EVIDENCE_ALONE * values[0])
    return _logistic(_CONSTANT + _OF_SCORE * values[0] + _OF_EVIDENCE * values[1])


def features(evidence: float, score: float | None) -> tuple[float, ...]:
    """What the coefficients belong to, behind the constant."""
    if score is None:
        return (evidence,)
    return log1p(score), max(0.0, evidence - AGREES)


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-max(-50.0, min(50.0, value))))
