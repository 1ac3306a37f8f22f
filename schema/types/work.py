"""Works (compositions) and their codes."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.projection.mapping import Connection, Node, column, expr, find, one, row
from schema.types.shared import DATABASE_ID, After, First, stored
from sonograph.catalog import browse
from sonograph.postgres.found import Found

if TYPE_CHECKING:
    from schema.types.track import Track

RecordingCount = Annotated[int, strawberry.argument(description="How many recordings, 1 to 200.")]


@row("work")
class Work(Node):
    """A composition."""

    database_id: int = column("id", description=DATABASE_ID)
    title: str = stored("Title of the composition.")
    iswcs: list[str] = expr(
        "array(select c.code from iswc c where c.work_id = this.id order by 1)", description="Its ISWCs, sorted."
    )

    @find(Connection[Annotated["Track", strawberry.lazy("schema.types.track")]])
    def recordings(first: First = 20, after: After = None) -> Found:
        """Its recordings, most popular first."""
        return browse.recordings_of_work(first, after)


@row("iswc", "work_id")
class Iswc:
    """A code of a composition."""

    iswc: str = column("code", description="T and ten digits.")
    title: str = expr("select w.title from work w where w.id = this.work_id", description="Title of the composition.")
    work: Work = one("this.id = parent.work_id", description="The composition.")
    recording_count: int = expr(
        "select count(distinct wr.track_id)::int from work_recording wr join iswc c on c.work_id = wr.work_id "
        "where c.code = this.code",
        description="How many recordings the code has in all.",
    )

    @find(list[Annotated["Track", strawberry.lazy("schema.types.track")]])
    def recordings(first: RecordingCount = 50) -> Found:
        """Recordings of every composition with this code, most popular first."""
        return browse.recordings_of_iswc(first)
