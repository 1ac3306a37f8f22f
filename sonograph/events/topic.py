"""Which events somebody listens to."""

from dataclasses import dataclass

from sonograph.events.event import USUAL, Event, EventType


@dataclass(frozen=True, slots=True)
class Topic:
    """Events of one account, of its test streams or of its others; of these types, and of these streams (None: all)."""

    account_id: int
    test: bool
    types: frozenset[EventType] = USUAL
    streams: frozenset[int] | None = None

    def wants(self, event: Event) -> bool:
        """Whether an event of the account, of the right kind of streams, belongs to the topic."""
        return event.type in self.types and (self.streams is None or event.stream_id in self.streams)
