"""API keys."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.types.shared import INTERNAL_ID, describe
from sonograph.accounts.keyring import Key
from sonograph.ids import global_id


class ApiKeyScope(Enum):
    """The scopes of sonograph/accounts/scopes.py."""

    READ = "read"
    IDENTIFY = "identify"
    SUGGESTIONS = "suggestions"
    REFERENCES = "references"
    STREAMS = "streams"
    WEBHOOKS = "webhooks"
    ACCOUNT = "account"


describe(
    ApiKeyScope,
    "What a key may be limited to.",
    {
        "READ": "Look up, search and browse the catalog.",
        "IDENTIFY": "Recognise audio.",
        "SUGGESTIONS": "Suggest genres, and see one's suggestions.",
        "REFERENCES": "Add and remove audio by which recordings are known; for reviewers.",
        "STREAMS": "Watch radio streams, and read what they played.",
        "WEBHOOKS": "Set up webhooks, and read their deliveries.",
        "ACCOUNT": "See the account's usage, and manage its keys.",
    },
)


@strawberry.type(description="An API key, all but its text: that is shown once, when the key is made.")
class ApiKey:
    id: strawberry.ID = strawberry.field(description="Global id, opaque: pass it back as it is.")
    database_id: int = strawberry.field(description=INTERNAL_ID)
    hint: str = strawberry.field(description="Its prefix and last four characters.")
    name: str = strawberry.field(description="What it is for, as its owner wrote it.")
    test: bool = strawberry.field(description="Whether it reads the sandbox instead of the live catalog.")
    in_force: bool = strawberry.field(description="Whether requests with it are served.")
    scopes: list[ApiKeyScope] | None = strawberry.field(description="What it is limited to; null is everything.")
    networks: list[str] | None = strawberry.field(description="Addresses that may use it; null is all.")
    created_at: datetime = strawberry.field(description="When it was made.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to within some minutes.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")
    replaced_by: strawberry.ID | None = strawberry.field(description="Id of the key that a rotation made of it.")

    @classmethod
    def of(cls, key: Key) -> "ApiKey":
        return cls(
            id=key_id(key.id),
            database_id=key.id,
            hint=key.hint,
            name=key.name,
            test=key.test,
            in_force=key.in_force,
            scopes=None if key.scopes is None else [ApiKeyScope(scope) for scope in key.scopes],
            networks=None if key.networks is None else list(key.networks),
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            replaced_by=None if key.replaced_by is None else key_id(key.replaced_by),
        )


def key_id(number: int) -> strawberry.ID:
    """The global id of a key."""
    return strawberry.ID(global_id("ApiKey", number))
