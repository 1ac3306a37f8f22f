"""What the viewer sees of streams."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from schema.projection.mapping import Connection
from schema.resolvers import report as reporting
from schema.resolvers import streams as watching
from schema.resolvers.streams import OnAir
from schema.types.context import Info, number_of, resolved, services_of, viewer_of
from schema.types.paging import number_after, page_of
from schema.types.shared import After, First
from schema.types.stream import KIND, Stream
from schema.types.stream_report import StreamReport, StreamReportEntry
from sonograph.errors import Invalid, NotFound
from sonograph.monitoring import streams

LIST = "streams"


def _about(description: str) -> object:
    return strawberry.argument(description=description)


@strawberry.type
class ViewerStreams:
    @resolved(
        "The streams that the account watches or watched, newest first; of test keys, test streams. For paid plans; "
        "needs the scope `streams`.",
        graphql_type=Connection[Stream],
    )
    async def streams(self, info: Info, first: First = 20, after: After = None) -> Any:
        services, viewer = services_of(info), viewer_of(info)
        rows, more = await watching.listed(services, viewer, first, number_after(LIST, first, after))
        pool, numbers = services.engine.accounts, [row.id for row in rows]
        on_air = OnAir(pool, numbers)
        return page_of(
            LIST,
            [Stream.of(row, on_air) for row in rows],
            numbers,
            more=more,
            after=after,
            total_count=lambda: streams.count_all(pool, viewer.account_id, test=viewer.test),
        )

    @resolved(
        "One of the account's own streams, by either id; null where there is none. For paid plans; needs the scope "
        "`streams`."
    )
    async def stream(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, _about("Global id.")] = None,  # the contract's name
        database_id: Annotated[int | None, _about("Number of the stream.")] = None,
    ) -> Stream | None:
        services, viewer = services_of(info), viewer_of(info)
        watching.check_watcher(viewer)
        if (id is None) == (database_id is None):
            raise Invalid("exactly one of id, databaseId is needed", "id")
        try:
            number = database_id if id is None else number_of(KIND, id)
        except NotFound:
            return None
        found = await watching.one(services, viewer, number or 0)
        return None if found is None else Stream.of(found)

    @resolved(
        "What the account's streams, or one of them, played in at most 92 days. For paid plans; needs the scope "
        "`streams`."
    )
    async def stream_report(
        self,
        info: Info,
        since: Annotated[
            datetime,
            strawberry.argument(
                name="from",
                description="Where it begins: airings that began then or later. Days, too: those of `timeZone`.",
            ),
        ],
        until: Annotated[datetime, _about("Where it ends: airings that began before; as `from`.")],
        stream_id: Annotated[strawberry.ID | None, _about("Of this stream alone.")] = None,
        time_zone: Annotated[
            str, _about("Zone of its days, as `Europe/Zurich`, and of `from` and `until` without an offset.")
        ] = reporting.UTC_NAME,
    ) -> StreamReport:
        services, viewer = services_of(info), viewer_of(info)
        number = None if stream_id is None else number_of(KIND, stream_id)
        span, watched = await reporting.spanned(services, viewer, since, until, number, time_zone)
        on_air = OnAir(services.engine.accounts, [row.id for row in watched])
        return StreamReport(
            since=span.since,
            until=span.until,
            time_zone=time_zone,
            streams=[StreamReportEntry(span=span, zone=time_zone, stream=Stream.of(row, on_air)) for row in watched],
        )
