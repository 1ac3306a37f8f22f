"""What can be wrong with somebody's audio."""

from sonograph.errors import Invalid


class Unreadable(Invalid):
    """Not audio, damaged from the start, or without any sound. The caller's fault: 400."""


class TooLong(Invalid):
    """Longer than the limit, or so costly to decode that it must be a bomb: 413."""

    code = "TOO_LONG"
