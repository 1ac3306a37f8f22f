"""Root fields that take audio: upload it, identify it, make it a reference."""

from typing import Annotated

import strawberry

from schema.resolvers import identify as identifying
from schema.resolvers import references as editing
from schema.types.context import Info, number_of, reserved, resolved, services_of, viewer_of
from schema.types.identify import IdentifiedTrack, IdentifyInput, IdentifyPayload
from schema.types.problems import Input, Problems, outcome, result
from schema.types.reference import (
    KIND,
    AudioReference,
    ReferenceCreateInput,
    ReferenceCreatePayload,
    ReferenceDeleteInput,
    ReferenceDeletePayload,
)
from schema.types.scalars import items_of
from schema.types.upload import AudioUpload, AudioUploadCreateInput, AudioUploadCreatePayload
from sonograph.errors import Invalid

UPLOAD = "AudioUpload"

AudioUploadCreateResult = Annotated[AudioUploadCreatePayload | Problems, result("AudioUploadCreateResult")]
IdentifyResult = Annotated[IdentifyPayload | Problems, result("IdentifyResult")]

ReferenceCreateResult = Annotated[ReferenceCreatePayload | Problems, result("ReferenceCreateResult")]
ReferenceDeleteResult = Annotated[ReferenceDeletePayload | Problems, result("ReferenceDeleteResult")]


@strawberry.type
class RecognitionMutation:
    @resolved("Ask for a URL to send a file to, at most 100 MB. For paid plans; needs the scope `identify`.")
    async def audio_upload_create(
        self,
        info: Info,
        input: Annotated[AudioUploadCreateInput, Input],  # noqa: A002  # the contract's name, here and below
    ) -> AudioUploadCreateResult:
        services, viewer = services_of(info), viewer_of(info)

        async def work() -> AudioUploadCreatePayload:
            identifying.check_identifier(viewer)
            uploads = identifying.uploads_of(services)
            created = await uploads.create(viewer.account_id, test=viewer.test, size=input.size)
            return AudioUploadCreatePayload(upload=AudioUpload.of(created, services.engine.settings.base_url))

        return await outcome(work())

    @resolved(
        "Recognise audio: a fingerprint for 10 credits, or a file for 10 and one more for each megabyte. "
        "For paid plans; needs the scope `identify`."
    )
    async def identify(self, info: Info, input: Annotated[IdentifyInput, Input]) -> IdentifyResult:  # noqa: A002
        services, viewer = services_of(info), viewer_of(info)

        async def work() -> IdentifyPayload:
            identifying.check_identifier(viewer)
            _check(input)
            recogniser = identifying.recogniser_of(services)
            if isinstance(input.audio.upload_id, str):
                number = number_of(UPLOAD, input.audio.upload_id, field="uploadId")
                uploads = identifying.uploads_of(services)
                async with (
                    uploads.received(viewer.account_id, number, test=viewer.test) as file,
                    reserved(info, "Mutation.identify", identifying.price_of(file.size)) as reservation,
                ):
                    found = await recogniser.of_file(file.path, test=viewer.test, top=input.first, length=input.length)
            else:
                items = items_of(input.audio.fingerprint)
                async with reserved(info, "Mutation.identify", identifying.FINGERPRINT_CREDITS) as reservation:
                    found = await recogniser.of_fingerprint(items, test=viewer.test, top=input.first)
            charged = 0 if reservation is None else reservation.used
            return IdentifyPayload(
                matched=bool(found), results=[IdentifiedTrack.of(one) for one in found], credits_charged=charged
            )

        return await outcome(work())

    @resolved("Make a track known by its audio. For reviewers; needs the scope `references`, and costs nothing.")
    async def reference_create(
        self,
        info: Info,
        input: Annotated[ReferenceCreateInput, Input],  # noqa: A002
    ) -> ReferenceCreateResult:
        services, viewer = services_of(info), viewer_of(info)
        editing.check_editor(viewer)

        async def work() -> ReferenceCreatePayload:
            track = number_of("Track", input.track_id, field="trackId")
            name = editing.checked_name(input.name)
            if isinstance(input.audio.upload_id, str):
                number = number_of(UPLOAD, input.audio.upload_id, field="uploadId")
                uploads, recogniser = identifying.uploads_of(services), identifying.recogniser_of(services)
                async with uploads.received(viewer.account_id, number, test=viewer.test) as file:
                    prints = await recogniser.prints_of_file(file.path)
                stored, created = await editing.keep(services, viewer, track, name, prints)
            else:
                items = items_of(input.audio.fingerprint)
                stored, created = await editing.keep(services, viewer, track, name, items)
            return ReferenceCreatePayload(reference=AudioReference.of(stored), created=created)

        return await outcome(work())

    @resolved("Make a track unknown by this audio. For reviewers; needs the scope `references`.")
    async def reference_delete(
        self,
        info: Info,
        input: Annotated[ReferenceDeleteInput, Input],  # noqa: A002
    ) -> ReferenceDeleteResult:
        services, viewer = services_of(info), viewer_of(info)
        editing.check_editor(viewer)

        async def work() -> ReferenceDeletePayload:
            return ReferenceDeletePayload(deleted=await editing.remove(services, viewer, number_of(KIND, input.id)))

        return await outcome(work())


def _check(asked: IdentifyInput) -> None:
    for name, value, most in (
        ("first", asked.first, identifying.MOST_TOP),
        ("length", asked.length, identifying.MOST_SECONDS),
    ):
        if value is not None and not 1 <= value <= most:
            raise Invalid(f"{name}: must be 1 to {most}", name)
