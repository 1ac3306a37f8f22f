"""Audio by which recordings are known."""

import strawberry

from schema.projection.mapping import by_key
from schema.types.identify import AudioInput
from schema.types.track import Track
from sonograph.ids import global_id
from sonograph.recognition.references import Stored

KIND = "AudioReference"


@strawberry.input(description="Audio by which a track is to be known.")
class ReferenceCreateInput:
    track_id: strawberry.ID = strawberry.field(description="Id of the track.")
    audio: AudioInput = strawberry.field(
        description="All of its audio, as a file if possible: of a fingerprint alone, noise and changes of speed "
        "hide more."
    )
    name: str | None = strawberry.field(
        default=None,
        description="What it is called, at most 200 characters: what is sent again under it takes the place of what "
        "was there. Null: the same audio is the same reference.",
    )


@strawberry.input(description="A reference to remove.")
class ReferenceDeleteInput:
    id: strawberry.ID = strawberry.field(description="Id of the reference.")


@strawberry.type(description="Audio by which a track is known, as fingerprints: the audio itself is not kept.")
class AudioReference:
    track_number: strawberry.Private[int]
    id: strawberry.ID = strawberry.field(description="Global id, opaque: pass it back as it is.")
    seconds: float = strawberry.field(description="How long the audio is.")
    has_landmarks: bool = strawberry.field(
        description="Whether it is known by its peaks, too, which are found in noise and at other speeds."
    )
    track: Track | None = by_key("track_number", description="The track.")

    @classmethod
    def of(cls, stored: Stored) -> "AudioReference":
        return cls(
            track_number=stored.track_id,
            id=strawberry.ID(global_id(KIND, stored.id)),
            seconds=round(stored.seconds, 2),
            has_landmarks=stored.landmarks is not None,
        )


@strawberry.type(description="The track is known by this audio; it is found within seconds.")
class ReferenceCreatePayload:
    reference: AudioReference = strawberry.field(description="The reference.")
    created: bool = strawberry.field(description="Whether it is new: false where it took the place of another one.")


@strawberry.type(description="The track is not known by this audio any more.")
class ReferenceDeletePayload:
    deleted: bool = strawberry.field(description="Whether it was there until now.")
