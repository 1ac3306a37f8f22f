"""Genre suggestions."""

from datetime import datetime

import strawberry

from schema.projection.mapping import by_key
from schema.types.genre import Genre
from schema.types.shared import DATABASE_ID, describe
from schema.types.track import Track
from sonograph.accounts import suggestions
from sonograph.accounts.suggestions import SuggestionStatus
from sonograph.ids import global_id

describe(
    SuggestionStatus,
    "How far a suggestion came.",
    {
        "PENDING": "Nobody has reviewed it yet.",
        "APPROVED": "The track has the genre now.",
        "REJECTED": "A reviewer said no.",
    },
)


@strawberry.type(description="A genre that somebody misses on a track.")
class Suggestion:
    track_number: strawberry.Private[int]
    genre_number: strawberry.Private[int]
    id: strawberry.ID = strawberry.field(description="Global id, opaque: pass it back as it is.")
    database_id: int = strawberry.field(description=DATABASE_ID)
    note: str | None = strawberry.field(description="Why, in the words of whoever suggested it.")
    status: SuggestionStatus = strawberry.field(description="How far it came.")
    reason: str | None = strawberry.field(description="Why it was rejected.")
    created_at: datetime = strawberry.field(description="When it was made.")
    reviewed_at: datetime | None = strawberry.field(description="When it was approved or rejected.")
    track: Track | None = by_key(
        "track_number", description="The track; the one that it was merged into, null when it is not in the catalog."
    )
    genre: Genre | None = by_key("genre_number", description="The genre that it should have.")

    @classmethod
    def of(cls, row: suggestions.Suggestion) -> "Suggestion":
        return cls(
            track_number=row.track_id,
            genre_number=row.genre_id,
            id=strawberry.ID(global_id("Suggestion", row.id)),
            database_id=row.id,
            note=row.note,
            status=row.status,
            reason=row.reason,
            created_at=row.created_at,
            reviewed_at=row.reviewed_at,
        )
