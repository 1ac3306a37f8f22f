"""Genre suggestions, where accounts and catalog meet: what is suggested exists, what is approved changes the track."""

from sonograph.accounts import scopes, suggestions
from sonograph.accounts.principal import Principal
from sonograph.accounts.suggestions import Suggestion, SuggestionStatus
from sonograph.catalog.writer.accepted_genres import accept_genre, genre_facts
from sonograph.engine import Engine
from sonograph.errors import Conflict, Forbidden, Invalid, NotFound, PlanRequired
from sonograph.ids import MAX_INT
from sonograph.postgres.migrate import CATALOGS

SCOPE = "suggestions"
PAID_ONLY = "Genre suggestions need a paid plan."


def check_suggester(viewer: Principal) -> None:
    """Whether the key may make and read suggestions; raises `Forbidden` and `PlanRequired`."""
    scopes.require(viewer.scopes, SCOPE)
    if not viewer.paid:
        raise PlanRequired(PAID_ONLY)


def check_reviewer(viewer: Principal) -> str:
    """The name under which the viewer reviews; raises `Forbidden`."""
    if not viewer.reviewer:
        raise Forbidden("Reviewing is for reviewers.")
    scopes.require(viewer.scopes, SCOPE)
    return viewer.email


def checked_note(note: str | None) -> str | None:
    """A note without blanks around it; raises `Invalid`."""
    return suggestions.checked_text(note, "note", suggestions.MAX_NOTE)


async def suggest(engine: Engine, viewer: Principal, track_id: int, genre_id: int, note: str | None) -> Suggestion:
    """A suggestion of the viewer's. Raises what `create_suggestion` does, and `NotFound`, `Invalid` and `Conflict`."""
    check_suggester(viewer)
    note = checked_note(note)
    if not 0 < track_id <= MAX_INT:
        raise NotFound("Not found")
    known_genre = genre_id if 0 < genre_id <= MAX_INT else 0
    facts = await genre_facts(engine.catalog(test=viewer.test), track_id, known_genre)
    if facts.track_id is None:
        raise NotFound("Not found")
    if facts.genre_id is None:
        raise Invalid("genreId: there is no such genre", "genreId")
    if facts.has_genre:
        raise Conflict("The track has this genre already.")
    return await suggestions.create_suggestion(
        engine.accounts,
        viewer.account_id,
        test=viewer.test,
        track_id=facts.track_id,
        genre_id=facts.genre_id,
        note=note,
    )


async def approve(engine: Engine, number: int, reviewer: str, *, test: bool | None = None) -> Suggestion:
    """Give the track its genre, and approve what others suggested alike. `test` limits it to one catalog."""
    async with engine.accounts.acquire() as connection, connection.transaction():
        found = await suggestions.review(connection, number, SuggestionStatus.APPROVED, reviewer, test=test)
        track_id = await accept_genre(
            connection,
            CATALOGS[1 if found.test else 0],
            found.track_id,
            found.genre_id,
            found.reviewed_at or found.created_at,
        )
        await suggestions.approve_duplicates(connection, found, track_id)
    return found


async def reject(
    engine: Engine, number: int, reviewer: str, reason: str | None, *, test: bool | None = None
) -> Suggestion:
    """Turn a suggestion down, saying why. `test` limits it to one catalog."""
    reason = suggestions.checked_text(reason, "reason", suggestions.MAX_REASON, required=True)
    async with engine.accounts.acquire() as connection:
        return await suggestions.review(connection, number, SuggestionStatus.REJECTED, reviewer, reason, test=test)
