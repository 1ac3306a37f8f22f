"""The feed of /v1 in this service: what its connections are counted, looked at and kept awake by."""

from starlette.types import Scope

from api.auth import Authenticator, key_in, permit
from api.connections import Connections
from api.heart import Heart
from api.recheck import Recheck
from api.throttle import Throttle
from compat_rest.v1.event_stream import Listener
from compat_rest.v1.live import Feed, Keeping
from schema.event_bodies import EventBodies
from schema.projection.plans import Plans
from schema.resolvers.services import Services

COMMENT_SECONDS = 15.0  # between two comments: the contract's


def open_feed(  # noqa: PLR0913, PLR0917  # the parts of the service that requests go through
    services: Services,
    plans: Plans,
    authenticator: Authenticator,
    throttle: Throttle,
    recheck: Recheck,
    connections: Connections,
) -> Feed:
    """The feed of a running service."""
    keeping = Keeping(
        connections.counted,
        lambda listener: recheck.add(_key(listener), listener),
        lambda listener: recheck.discard(_key(listener), listener),
        Heart(COMMENT_SECONDS),
    )
    bodies = EventBodies(plans, services.engine)
    return Feed(services, bodies, authenticator.principal, throttle.admit, permit, keeping)


def _key(listener: Listener) -> str | None:
    scope: Scope = listener.scope
    return key_in(scope["headers"])
