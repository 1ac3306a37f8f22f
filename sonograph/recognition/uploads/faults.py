"""What can go wrong while a file arrives. Each is the sender's fault, and an answer."""

from sonograph.errors import Invalid


class TooLarge(Invalid):
    """More bytes than may be sent: 413."""

    code = "TOO_LARGE"


class TooSlow(Invalid):
    """The bytes did not come in time: 408."""

    code = "TOO_SLOW"


class Aborted(Invalid):
    """The sender went away before all had arrived: nobody hears the answer."""

    code = "ABORTED"
