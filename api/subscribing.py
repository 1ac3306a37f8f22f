"""Subscriptions of all transports: who may begin one, and that equal ones are executed once.

An operation with equal variables (but for `after`) of one account is one broadcast, whoever listens and over what:
each event is read, executed and encoded once, and the same bytes go to all. A listener is an entry of a dict.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from api.answer import Answer
from api.graphql import GraphQLEndpoint, Request
from api.states import StateBroadcast, States
from schema.projection.executor import Context
from schema.projection.plans import Plan
from schema.projection.pricing import prices
from schema.projection.subscribing import Execution, without_after
from schema.resolvers.live import EventFeed, StateFeed
from schema.resolvers.services import Services
from sonograph.accounts.bill import Bill, Run
from sonograph.accounts.principal import Principal
from sonograph.events.broadcast import Broadcast
from sonograph.events.event import Event
from sonograph.events.member import Member


class Subscribed:
    """What somebody listens to. The broadcast is looked up when they join: others may have begun it meanwhile."""

    __slots__ = ("_after", "_broadcast", "_find")

    def __init__(self, find: Callable[[], Broadcast | StateBroadcast], after: int | None) -> None:
        self._find: Callable[[], Broadcast | StateBroadcast] | None = find
        self._after = after
        self._broadcast: Broadcast | StateBroadcast | None = None

    async def join(self, member: Member) -> None:
        """Tell the member what was missed, then what happens; this returns when it is up to date. Once.

        Raises `Closing`, `Unavailable`, and what `member.take` raises.
        """
        if self._find is not None:
            self._broadcast, self._find = self._find(), None  # what it was found by is not kept for each listener
            await self._broadcast.join(member, self._after)

    def leave(self, member: Member) -> None:
        if self._broadcast is not None:
            self._broadcast.leave(member)


class Subscribing:
    """One a process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._states = States(services)

    async def begin(
        self,
        endpoint: GraphQLEndpoint,
        plan: Plan,
        request: Request,
        principal: Principal,
        last: int | None = None,
    ) -> Subscribed:
        """What a request listens to. It is one request in the account's usage, and costs no credits.

        `last` is the event behind which it goes on whatever it says itself: from a client that has come back.

        Raises `Refused`, GraphQLError for an operation that is wrong or costs more than the plan includes, `Closing`.
        """
        endpoint.check_cost(plan, principal)
        bill = Bill(self._services.credits, principal, prices(plan, request.variables))
        answered = False
        try:
            subscribed = await self.subscribe(plan, request.variables, request.operation_name, principal, last)
            answered = True
        finally:
            bill.end(answered=answered)
        return subscribed

    async def subscribe(
        self,
        plan: Plan,
        variables: Mapping[str, Any] | None,
        name: str | None,
        principal: Principal,
        last: int | None = None,
    ) -> Subscribed:
        """What an operation listens to. Raises `Refused`, and `Closing` when the process is about to end."""
        self._services.live_hub.check_open()
        run: Run = self._services.engine.catalog(test=principal.test).value
        execution = Execution(plan, Context(plan, run, principal, self._services), variables, name)
        feed = await execution.source()
        key: Hashable = (
            plan.document.loc and plan.document.loc.source.body,
            name,
            orjson.dumps(without_after(plan, variables), option=orjson.OPT_SORT_KEYS),
        )
        if isinstance(feed, StateFeed):
            return Subscribed(partial(self._states.broadcast, feed, key, execution), None)
        return Subscribed(partial(self._events, feed, key, execution), feed.after if last is None else last)

    def _events(self, feed: EventFeed, key: Hashable, execution: Execution) -> Broadcast:
        async def render(events: Sequence[Event]) -> Sequence[bytes | None]:
            values = await feed.values(events)
            answers = await execution.answers(values)
            return [Answer.of(body, event.id) for event, body in zip(events, answers, strict=True)]

        return self._services.live_hub.broadcast(feed.topic, key, render)
