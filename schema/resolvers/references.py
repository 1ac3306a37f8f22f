"""Audio by which recordings are known, one by one: who may write it, and under which name it is kept."""

from hashlib import sha256

from schema.resolvers.services import Services
from sonograph.accounts import scopes
from sonograph.accounts.principal import Principal
from sonograph.accounts.suggestions import checked_text
from sonograph.catalog.vocabulary import OriginId
from sonograph.errors import Forbidden
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.editing.store import remove_one, write_one
from sonograph.recognition.jobs import Prints
from sonograph.recognition.references import Reference, Stored, from_bytes, seconds_of, to_bytes

SCOPE = "references"
MAX_NAME = 200  # characters
PREFIX = "api:"  # of names, so that they never meet those of imported files


def check_editor(viewer: Principal) -> None:
    """Whether the key may write references: a reviewer's, of this scope; raises `Forbidden`."""
    if not viewer.reviewer:
        raise Forbidden("References are for reviewers.")
    scopes.require(viewer.scopes, SCOPE)


def checked_name(name: str | None) -> str | None:
    """A name without blanks around it; raises `Invalid`."""
    return checked_text(name, "name", MAX_NAME)


async def keep(
    services: Services, viewer: Principal, track_id: int, name: str | None, prints: Prints | Items
) -> tuple[Stored, bool]:
    """The reference, and whether it is new. Without a name it has that of its fingerprint, and is the same again."""
    items = from_bytes(prints.items) if isinstance(prints, Prints) else prints
    reference = Reference(
        track_id=track_id,
        origin=OriginId.AUDIO,
        external_id=PREFIX + (name or sha256(to_bytes(items)).hexdigest()),
        seconds=prints.seconds if isinstance(prints, Prints) else seconds_of(items),
        items=items,
        landmarks=prints.landmarks if isinstance(prints, Prints) else None,
    )
    return await write_one(services.engine.accounts, reference, test=viewer.test)


async def remove(services: Services, viewer: Principal, number: int) -> bool:
    """Whether there was such a reference until now."""
    return await remove_one(services.engine.accounts, number, test=viewer.test)
