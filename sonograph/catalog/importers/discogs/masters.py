"""The masters file: what Discogs says of all editions of a release together."""

from lxml import etree

from sonograph.catalog.genre_names import from_discogs
from sonograph.catalog.importers.discogs.text import child_text
from sonograph.catalog.records import GroupRecord


def group_of_master(master: str) -> str:
    return f"m{master}"


def read_master(element: etree._Element) -> GroupRecord:
    """The year, for a release none of whose editions has a date, and genres, for tracks without any.

    Its title, artists and main release stand in the releases file too, where the main release is marked; its videos
    are those of its releases.
    """
    year = child_text(element, "year")
    genres = from_discogs(
        [(genre.text or "").strip() for genre in element.iterfind("genres/genre")],
        [(style.text or "").strip() for style in element.iterfind("styles/style")],
    )
    return GroupRecord(
        id=group_of_master(element.get("id") or ""),
        release_date=year if year.strip("0") else None,
        genres=tuple(genres),
    )
