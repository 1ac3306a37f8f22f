"""Who is asking."""

from datetime import date
from typing import Annotated, Any

import strawberry

from schema.projection.mapping import Connection
from schema.resolvers import accounts
from schema.resolvers import suggestions as suggesting
from schema.types.account import Account, UsageDay, key_page, usage_days
from schema.types.api_key import ApiKey
from schema.types.context import Info, number_of, resolved, services_of, viewer_of
from schema.types.paging import Page, page_of
from schema.types.shared import After, First
from schema.types.suggestion import Suggestion
from schema.types.viewer_streams import ViewerStreams
from sonograph.accounts import account, keyring, suggestions
from sonograph.accounts.suggestions import SuggestionPage


def _about(description: str) -> object:
    return strawberry.argument(description=description)


@strawberry.type(description="Who is asking: the account of the key, as far as the key's scopes let it be seen.")
class Viewer(ViewerStreams):
    @resolved("The account. Needs the scope `account`.")
    async def account(self, info: Info) -> Account:
        viewer = viewer_of(info)
        accounts.check_owner(viewer)
        services = services_of(info)
        return Account.of(await account.account_of(services.engine.accounts, viewer.account_id), services.plans)

    @resolved(
        "Keys in force and those that ended within 90 days, newest first. Needs the scope `account`.",
        graphql_type=Connection[ApiKey],
    )
    async def keys(self, info: Info, first: First = 20, after: After = None) -> Any:
        viewer = viewer_of(info)
        accounts.check_owner(viewer)
        keys = await keyring.list_keys(services_of(info).engine.accounts, viewer.account_id)
        return key_page(keys, first, after)

    @resolved(
        "What was asked, by day, key and endpoint, oldest first: at most 92 days and 1,000 rows, without "
        "dates the last 30 days. Needs the scope `account`."
    )
    async def usage(
        self,
        info: Info,
        since: Annotated[date | None, strawberry.argument(name="from", description="First day, in UTC.")] = None,
        to: Annotated[date | None, _about("Last day, itself included.")] = None,
        key_id: Annotated[strawberry.ID | None, _about("Of this key alone.")] = None,
    ) -> list[UsageDay]:
        services, viewer = services_of(info), viewer_of(info)
        accounts.check_owner(viewer)
        number = None if key_id is None else number_of("ApiKey", key_id, field="keyId")
        rows = await accounts.usage_of(services, viewer, since, to, number)
        return usage_days(rows, await keyring.list_keys(services.engine.accounts, viewer.account_id) if rows else [])

    @resolved(
        "The account's genre suggestions, newest first. For paid plans; needs the scope `suggestions`.",
        graphql_type=Connection[Suggestion],
    )
    async def suggestions(self, info: Info, first: First = 20, after: After = None) -> Any:
        viewer, pool = viewer_of(info), services_of(info).engine.accounts
        suggesting.check_suggester(viewer)
        found = await suggestions.suggestions_of(pool, viewer.account_id, test=viewer.test, first=first, after=after)
        return _page(
            suggestions.OWN, found, after, lambda: suggestions.count_of(pool, viewer.account_id, test=viewer.test)
        )

    @resolved("One of the account's own genre suggestions. For paid plans; needs the scope `suggestions`.")
    async def suggestion(
        self, info: Info, database_id: Annotated[int, _about("Number of the suggestion.")]
    ) -> Suggestion | None:
        viewer = viewer_of(info)
        suggesting.check_suggester(viewer)
        found = await suggestions.suggestion_of(
            services_of(info).engine.accounts, viewer.account_id, test=viewer.test, number=database_id
        )
        return None if found is None else Suggestion.of(found)

    @resolved(
        "Everybody's genre suggestions that wait for a review, oldest first. For reviewers.",
        graphql_type=Connection[Suggestion],
    )
    async def suggestions_to_review(self, info: Info, first: First = 20, after: After = None) -> Any:
        viewer, pool = viewer_of(info), services_of(info).engine.accounts
        suggesting.check_reviewer(viewer)
        found = await suggestions.pending(pool, test=viewer.test, first=first, after=after)
        return _page(suggestions.PENDING, found, after, lambda: suggestions.count_pending(pool, test=viewer.test))


def _page(name: str, found: SuggestionPage, after: str | None, total_count: Any) -> Page:
    return page_of(
        name,
        [Suggestion.of(row) for row in found.rows],
        [row.id for row in found.rows],
        more=found.next_cursor is not None,
        after=after,
        total_count=total_count,
    )
