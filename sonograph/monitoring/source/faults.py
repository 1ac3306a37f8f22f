"""What goes wrong with a station, in words for the stream's owner: docs/explanation/reading-streams.md lists them."""

# What an answer's status means.
_STATUSES = {
    401: "The station asks for a password (401).",
    402: "The station asks for money (402).",
    403: "The station refuses us (403).",
    404: "There is no stream at this address (404).",
    410: "The stream was taken away for good (410).",
    429: "The station says that we ask too often (429).",
    451: "The station is not available here for legal reasons (451).",
    500: "The station's server has a fault (500).",
    502: "The station's server cannot reach the stream behind it (502).",
    503: "The station is full or not on air just now (503).",
    504: "The station's server gets no answer from the stream behind it (504).",
}
# Asking again soon is of little use. Not 404: icecast says it while a station's source is away, mostly for a moment.
_LASTING = frozenset({401, 402, 403, 410, 451})


class Fault(Exception):
    """There is no sound, and why. `lasting`: asking again soon is of little use. `ended`: it ended in order."""

    def __init__(self, reason: str, *, lasting: bool = False, ended: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting
        self.ended = ended


def of_status(status: int) -> Fault:
    reason = _STATUSES.get(status, f"The station answers with status {status}.")
    return Fault(reason, lasting=status in _LASTING)


NO_STREAM = "What comes is text that names no stream."
WEB_PAGE = "The address leads to a web page, not to a stream."
NOT_HTTP = "What answers there is no web server and no radio station."
FILE = "This is a file that comes to its end, not a stream."
RECORDING = "This is a recording (its playlist has an end), not a stream."
ENDED = "The station ended the connection."
OURS = "We cannot read this stream: a fault of ours, which is in our log."
