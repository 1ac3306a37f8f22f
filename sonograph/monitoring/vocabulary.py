"""Closed lists of monitoring, stored as small integers: never renumber a member, never re-use a number.

The GraphQL name is the member's name; /v1 writes it in lower case.
"""

from enum import IntEnum


class StreamFormat(IntEnum):
    """What a station plays, as its owner says; it chooses how it is listened to."""

    ELECTRONIC = 1
    CLASSICAL = 2
    POP = 3


class DetectionMode(IntEnum):
    """How sure a recognition must be."""

    PRECISE = 1
    BALANCED = 2
    BROAD = 3


class StreamState(IntEnum):
    """Whether its owner wants it watched."""

    ACTIVE = 1
    STOPPED = 2


class RuntimeStatus(IntEnum):
    """What is going on with a stream."""

    PENDING = 1
    RUNNING = 2
    ERRORED = 3
    STOPPED = 4


class GapKind(IntEnum):
    """What a stream had on air that is no music."""

    SILENCE = 1
    OUTAGE = 2
