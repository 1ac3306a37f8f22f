"""Files in three steps: ask for a URL, send the bytes there, name the upload in what uses it."""

from datetime import datetime

import strawberry

from sonograph.ids import global_id
from sonograph.recognition.uploads.uploads import Created

PATH = "/uploads/"


@strawberry.input(description="A file that is going to be sent.")
class AudioUploadCreateInput:
    size: int | None = strawberry.field(
        default=None, description="Its bytes, where known: too many are refused now, not when they have been sent."
    )


@strawberry.type(description="A place for a file: `PUT` its bytes to the URL, then name it by its id.")
class AudioUpload:
    id: strawberry.ID = strawberry.field(description="Global id, opaque: pass it back as it is.")
    url: str = strawberry.field(
        description="Where to `PUT` the bytes, once. It needs no key, and is to be kept as secret as one."
    )
    max_bytes: int = strawberry.field(description="How many bytes there may be.")
    expires_at: datetime = strawberry.field(
        description="Until when to send them. From then on the file can be named, as often as wanted, for 15 minutes."
    )

    @classmethod
    def of(cls, created: Created, base_url: str) -> "AudioUpload":
        upload = created.upload
        return cls(
            id=strawberry.ID(global_id("AudioUpload", upload.id)),
            url=f"{base_url}{PATH}{created.secret}",
            max_bytes=upload.at_most,
            expires_at=upload.expires_at,
        )


@strawberry.type(description="There is a place for the file.")
class AudioUploadCreatePayload:
    upload: AudioUpload = strawberry.field(description="The place.")
