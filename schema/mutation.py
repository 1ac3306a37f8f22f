"""Root fields that change things: each takes one input, and answers a payload or a problem to match on."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import strawberry

from schema.recognition_mutation import RecognitionMutation
from schema.resolvers import accounts
from schema.resolvers import suggestions as suggesting
from schema.stream_mutation import StreamMutation
from schema.types.api_key import ApiKey, ApiKeyScope
from schema.types.context import Info, charged, client_of, number_of, resolved, services_of, viewer_of
from schema.types.problems import Input, Problems, outcome
from schema.types.problems import result as _result
from schema.types.suggestion import Suggestion
from sonograph.accounts import keyring


def _text(description: str, **options: Any) -> Any:
    return strawberry.field(description=description, **options)


@strawberry.input(description="A new key.")
class ApiKeyCreateInput:
    name: str = _text("What it is for, at most 100 characters.", default="")
    test: bool | None = _text(
        "Whether it reads the sandbox instead of the live catalog; null is as the asking key.", default=None
    )
    scopes: list[ApiKeyScope] | None = _text(
        "What it is limited to, at most as the asking key; null is as that one.", default=None
    )
    networks: list[str] | None = _text(
        "Addresses and networks that may use it, as `192.0.2.0/24`, each inside one of the asking key's; "
        "null is as that one.",
        default=None,
    )
    expires_at: datetime | None = _text(
        "When it ends by itself, at most ten years ahead, and not later than the asking key; null is with that one.",
        default=None,
    )


@strawberry.input(description="A key to replace.")
class ApiKeyRotateInput:
    id: strawberry.ID = _text("Id of the key.")
    overlap_hours: int = _text("How long the old one stays in force: 0 to 720 hours.", default=24)


@strawberry.input(description="A key to end.")
class ApiKeyRevokeInput:
    id: strawberry.ID = _text("Id of the key.")


@strawberry.input(description="A key to name.")
class ApiKeyRenameInput:
    id: strawberry.ID = _text("Id of the key.")
    name: str = _text("What it is for, at most 100 characters.")


@strawberry.input(description="A genre that a track should have.")
class SuggestionCreateInput:
    track_id: strawberry.ID = _text("Id of the track.")
    genre_id: strawberry.ID = _text("Id of the genre or subgenre.")
    note: str | None = _text("Why, at most 100 characters.", default=None)


@strawberry.input(description="A suggestion to approve.")
class SuggestionApproveInput:
    id: strawberry.ID = _text("Id of the suggestion.")


@strawberry.input(description="A suggestion to turn down.")
class SuggestionRejectInput:
    id: strawberry.ID = _text("Id of the suggestion.")
    reason: str = _text("Why, for whoever suggested it; at most 500 characters.")


@strawberry.type(description="A key was made.")
class ApiKeyCreatePayload:
    key: ApiKey = _text("The key.")
    secret: str = _text("Its text, shown this once.")


@strawberry.type(description="A key was replaced.")
class ApiKeyRotatePayload:
    key: ApiKey = _text("The new key.")
    secret: str = _text("Its text, shown this once.")


@strawberry.type(description="A key has ended.")
class ApiKeyRevokePayload:
    revoked: bool = _text("Whether it was in force until now.")


@strawberry.type(description="A key was named.")
class ApiKeyRenamePayload:
    key: ApiKey = _text("The key.")


@strawberry.type(description="A suggestion waits for its review.")
class SuggestionCreatePayload:
    suggestion: Suggestion = _text("The suggestion.")


@strawberry.type(description="A track has a genre more.")
class SuggestionApprovePayload:
    suggestion: Suggestion = _text("The suggestion.")


@strawberry.type(description="A suggestion was turned down.")
class SuggestionRejectPayload:
    suggestion: Suggestion = _text("The suggestion.")


ApiKeyCreateResult = Annotated[ApiKeyCreatePayload | Problems, _result("ApiKeyCreateResult")]
ApiKeyRotateResult = Annotated[ApiKeyRotatePayload | Problems, _result("ApiKeyRotateResult")]
ApiKeyRevokeResult = Annotated[ApiKeyRevokePayload | Problems, _result("ApiKeyRevokeResult")]
ApiKeyRenameResult = Annotated[ApiKeyRenamePayload | Problems, _result("ApiKeyRenameResult")]
SuggestionCreateResult = Annotated[SuggestionCreatePayload | Problems, _result("SuggestionCreateResult")]
SuggestionApproveResult = Annotated[SuggestionApprovePayload | Problems, _result("SuggestionApproveResult")]
SuggestionRejectResult = Annotated[SuggestionRejectPayload | Problems, _result("SuggestionRejectResult")]


@strawberry.type(description="Changes.")
class Mutation(StreamMutation, RecognitionMutation):
    @resolved("Make a key, which may do no more than the key that asks. Needs the scope `account`.")
    async def api_key_create(self, info: Info, input: Annotated[ApiKeyCreateInput, Input]) -> ApiKeyCreateResult:  # noqa: A002  # the contract's name, here and below
        services, viewer = services_of(info), viewer_of(info)
        accounts.check_owner(viewer)

        async def work() -> ApiKeyCreatePayload:
            key, secret = await keyring.create_key(
                services.engine.accounts,
                viewer.account_id,
                name=input.name,
                test=input.test,
                scopes=None if input.scopes is None else [scope.value for scope in input.scopes],
                networks=input.networks,
                expires_at=input.expires_at,
                address=client_of(info),
                acting=viewer.key_id,
                at_most=services.plans.of(viewer.plan).max_keys,
            )
            return ApiKeyCreatePayload(key=ApiKey.of(key), secret=secret)

        return await outcome(work())

    @resolved(
        "Replace a key that may do no more than the one that asks by a new one like it. Needs the scope `account`."
    )
    async def api_key_rotate(self, info: Info, input: Annotated[ApiKeyRotateInput, Input]) -> ApiKeyRotateResult:  # noqa: A002
        services, viewer = services_of(info), viewer_of(info)
        accounts.check_owner(viewer)

        async def work() -> ApiKeyRotatePayload:
            key, secret = await keyring.rotate_key(
                services.engine.accounts,
                viewer.account_id,
                number_of("ApiKey", input.id),
                overlap=timedelta(hours=input.overlap_hours),
                address=client_of(info),
                acting=viewer.key_id,
            )
            return ApiKeyRotatePayload(key=ApiKey.of(key), secret=secret)

        return await outcome(work())

    @resolved("End a key that may do no more than the one that asks, at once. Needs the scope `account`.")
    async def api_key_revoke(self, info: Info, input: Annotated[ApiKeyRevokeInput, Input]) -> ApiKeyRevokeResult:  # noqa: A002
        services, viewer = services_of(info), viewer_of(info)
        accounts.check_owner(viewer)

        async def work() -> ApiKeyRevokePayload:
            revoked = await keyring.revoke_key(
                services.engine.accounts,
                viewer.account_id,
                number_of("ApiKey", input.id),
                address=client_of(info),
                acting=viewer.key_id,
            )
            return ApiKeyRevokePayload(revoked=revoked)

        return await outcome(work())

    @resolved("Give a key that may do no more than the one that asks another name. Needs the scope `account`.")
    async def api_key_rename(self, info: Info, input: Annotated[ApiKeyRenameInput, Input]) -> ApiKeyRenameResult:  # noqa: A002
        services, viewer = services_of(info), viewer_of(info)
        accounts.check_owner(viewer)

        async def work() -> ApiKeyRenamePayload:
            key = await keyring.rename_key(
                services.engine.accounts,
                viewer.account_id,
                number_of("ApiKey", input.id),
                input.name,
                address=client_of(info),
                acting=viewer.key_id,
            )
            return ApiKeyRenamePayload(key=ApiKey.of(key))

        return await outcome(work())

    @resolved("Suggest a genre for a track. For paid plans; needs the scope `suggestions`.")
    async def suggestion_create(
        self,
        info: Info,
        input: Annotated[SuggestionCreateInput, Input],  # noqa: A002
    ) -> SuggestionCreateResult:
        services, viewer = services_of(info), viewer_of(info)

        async def work() -> SuggestionCreatePayload:
            suggesting.check_suggester(viewer)
            track, genre = number_of("Track", input.track_id), number_of("Genre", input.genre_id, field="genreId")
            note = suggesting.checked_note(input.note)
            async with charged(info, "Mutation.suggestionCreate"):
                found = await suggesting.suggest(services.engine, viewer, track, genre, note)
            return SuggestionCreatePayload(suggestion=Suggestion.of(found))

        return await outcome(work())

    @resolved("Give the track its genre, whatever imports say later. For reviewers.")
    async def suggestion_approve(
        self,
        info: Info,
        input: Annotated[SuggestionApproveInput, Input],  # noqa: A002
    ) -> SuggestionApproveResult:
        services, viewer = services_of(info), viewer_of(info)
        reviewer = suggesting.check_reviewer(viewer)

        async def work() -> SuggestionApprovePayload:
            number = number_of("Suggestion", input.id)
            found = await suggesting.approve(services.engine, number, reviewer, test=viewer.test)
            return SuggestionApprovePayload(suggestion=Suggestion.of(found))

        return await outcome(work())

    @resolved("Turn a suggestion down. For reviewers.")
    async def suggestion_reject(
        self,
        info: Info,
        input: Annotated[SuggestionRejectInput, Input],  # noqa: A002
    ) -> SuggestionRejectResult:
        services, viewer = services_of(info), viewer_of(info)
        reviewer = suggesting.check_reviewer(viewer)

        async def work() -> SuggestionRejectPayload:
            number = number_of("Suggestion", input.id)
            found = await suggesting.reject(services.engine, number, reviewer, input.reason, test=viewer.test)
            return SuggestionRejectPayload(suggestion=Suggestion.of(found))

        return await outcome(work())
