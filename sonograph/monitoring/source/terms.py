"""On what terms a station is asked: which networks are open, and what listening works with."""

from collections.abc import Sequence
from dataclasses import dataclass

from sonograph.egress.addresses import Network
from sonograph.egress.urls import Rules, Url, check_url
from sonograph.monitoring.source.means import Means


@dataclass(frozen=True, slots=True)
class Terms:
    allowed: tuple[Network, ...]
    means: Means
    titles: bool  # whether the station is asked for them

    @classmethod
    def of(cls, allowed: Sequence[Network], means: Means | None, *, titles: bool) -> "Terms":
        return cls(tuple(allowed), Means() if means is None else means, titles)

    def checked(self, url: str) -> Url:
        """The address, if it may be asked at all; `Blocked` for any other. Where it leads is checked by `connect`."""
        return check_url(url, Rules(schemes=("http", "https"), ports=None, allowed=self.allowed))
