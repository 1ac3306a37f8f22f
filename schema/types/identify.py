"""Identifying audio: what is asked, and what was recognised where."""

from typing import Any

import strawberry

from schema.projection.mapping import by_key
from schema.resolvers.identify import TOP
from schema.types.scalars import Fingerprint
from schema.types.track import Track
from sonograph.recognition.answer import Found

UNSET: Any = strawberry.UNSET


@strawberry.input(one_of=True, description="Audio: a fingerprint of it, or a file that was sent.")
class AudioInput:
    fingerprint: Fingerprint | None = strawberry.field(
        default=UNSET, description="50 to 50,000 items of Chromaprint, about eight for each second."
    )
    upload_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Id of an upload whose bytes have been sent (`audioUploadCreate`)."
    )


@strawberry.input(description="What to identify.")
class IdentifyInput:
    audio: AudioInput = strawberry.field(description="The audio.")
    length: int | None = strawberry.field(
        default=None, description="Of a file: listen to the first so many seconds, 1 to 7,200; null is all of it."
    )
    first: int = strawberry.field(default=TOP, description="How many tracks at most, 1 to 25.")


@strawberry.type(description="A part of a sound, in seconds since its beginning.")
class TimeSpan:
    start: float = strawberry.field(description="Where it begins.")
    end: float = strawberry.field(description="Where it ends.")


@strawberry.type(description="A track that was recognised, and where.")
class IdentifiedTrack:
    track_number: strawberry.Private[int]
    track: Track | None = by_key(
        "track_number", description="The track; null where it was deleted while it was being recognised."
    )
    confidence: float = strawberry.field(description="How likely it is right: of answers with 0.9, nine in ten are.")
    clip: TimeSpan = strawberry.field(description="Which part of the audio was recognised.")
    reference: TimeSpan = strawberry.field(description="Which part of the track that is.")
    speed: float = strawberry.field(description="How fast the audio plays it: 1.02 is 2 % faster than the reference.")

    @classmethod
    def of(cls, found: Found) -> "IdentifiedTrack":
        return cls(
            track_number=found.track_id,
            confidence=round(found.confidence, 4),
            clip=TimeSpan(start=round(found.clip_start, 2), end=round(found.clip_end, 2)),
            reference=TimeSpan(start=round(found.reference_start, 2), end=round(found.reference_end, 2)),
            speed=round(found.speed, 4),
        )


@strawberry.type(description="The audio was listened to.")
class IdentifyPayload:
    matched: bool = strawberry.field(description="Whether anything was recognised.")
    results: list[IdentifiedTrack] = strawberry.field(description="The tracks, the surest first.")
    credits_charged: int = strawberry.field(description="What it cost: nothing with test keys.")
