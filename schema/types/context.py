"""What resolvers read off a request."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import strawberry

from schema.projection.executor import Context
from schema.resolvers.accounts import address_of
from schema.resolvers.services import Services
from sonograph.accounts.audit import Address
from sonograph.accounts.bill import Reservation
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid, NotFound
from sonograph.ids import parse_global_id

Info = strawberry.Info[Context, Any]


def viewer_of(info: Info) -> Principal:
    """Who is asking."""
    viewer: Principal = info.context.viewer
    return viewer


def services_of(info: Info) -> Services:
    """What the resolver works with."""
    services: Services = info.context.services
    return services


@asynccontextmanager
async def charged(info: Info, endpoint: str) -> AsyncIterator[None]:
    """Make a change that costs a credit: raises `QuotaExceeded` before it; a change that fails costs nothing."""
    if info.context.bill is None:
        yield
        return
    async with info.context.bill.change(endpoint):
        yield


@asynccontextmanager
async def reserved(info: Info, endpoint: str, amount: int) -> AsyncIterator[Reservation | None]:
    """Costly work: raises `QuotaExceeded` before it; work that fails costs nothing. None where nothing is charged."""
    if info.context.bill is None:
        yield None
        return
    async with info.context.bill.reserved(endpoint, amount) as reservation:
        yield reservation


def client_of(info: Info) -> Address | None:
    """Where the request came from, for the audit log."""
    return address_of(info.context.client)


def number_of(kind: str, text: str, *, field: str | None = None) -> int:
    """The number in a global id of that kind. Raises `NotFound`, or `Invalid` where `field` is a part of the input."""
    parsed = parse_global_id(text)
    if parsed is not None and parsed[0] == kind:
        return parsed[1]
    if field is not None:
        raise Invalid(f"{field}: not an id of this kind", field)
    raise NotFound("Not found")


def resolved(description: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """`strawberry.field` for a method that answers the field: as a decorator, that one has no type."""

    def wrap(function: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=function, description=description, **options)

    return wrap
