"""Put the schema together."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.mutation import Mutation
from schema.projection.executor import attach
from schema.query import Query
from schema.subscription import Subscription
from schema.types.scalars import SCALARS


def build() -> strawberry.Schema:
    """The schema with both lanes attached."""
    return attach(strawberry.Schema(Query, Mutation, Subscription, config=StrawberryConfig(scalar_map=SCALARS)))
