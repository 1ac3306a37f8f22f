"""What connections that stay open work with."""

from dataclasses import dataclass

from api.connections import Connections
from api.graphql import GraphQLEndpoint
from api.recheck import Recheck
from api.subscribing import Subscribing


@dataclass(frozen=True, slots=True)
class Live:
    """Made once a process."""

    endpoint: GraphQLEndpoint
    subscribing: Subscribing
    recheck: Recheck
    connections: Connections
