"""The releases file: each element becomes one release record with its tracks and its edition."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lxml import etree

from sonograph.catalog.codes import parse_gtin
from sonograph.catalog.genre_names import from_discogs
from sonograph.catalog.importers.discogs.credits import (
    VARIOUS,
    artist_credits,
    extra_credits,
    merged_credits,
    tracks_in_range,
)
from sonograph.catalog.importers.discogs.formats import read_formats
from sonograph.catalog.importers.discogs.masters import group_of_master
from sonograph.catalog.importers.discogs.positions import Number, numbers
from sonograph.catalog.importers.discogs.text import MAX_NAME, child_text, children, without_number
from sonograph.catalog.importers.discogs.videos import Sought, match_videos, read_videos
from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.names import fold
from sonograph.catalog.records import Credit, EditionRecord, Link, Place, Ref, ReleaseRecord, TrackRecord

# What stands beside the digits on the sleeve: the quiet zone mark, Japan's T, "< >" around.
_PRINTED_BESIDE = re.compile(r"^[\sT<]+|[\s>]+$")
_NO_LABEL = "Not On Label"
_MAX_TEXT = 1000
_MAX_POSITION = 100
_MAX_COUNT = 32767
_MINUTE = 60
_TIME_PARTS = (2, 3)  # minutes and seconds, with hours or without
_MAX_DIGITS = 6
_NO_NUMBER = Number(None, None)


class Unreadable(Exception):
    """An element that makes no record; the message is the reason."""


def read_release(element: etree._Element) -> Item:
    release_id = element.get("id") or ""
    if not release_id.isdecimal():
        raise Unreadable("release without a number")
    title = child_text(element, "title")[:MAX_NAME]
    credited = artist_credits(element.iterfind("artists/artist"))
    if not title or not credited:
        raise Unreadable("release without a title" if credited else "release without an artist")
    rows = [_Row(row, children(row)) for row in element.iterfind("tracklist/track")]
    tracks = [row for row in rows if row.said.get("position")]
    tally = Counter(
        releases=1,
        tracks=len(tracks),
        headings=len(rows) - len(tracks),
        parts=sum(1 for row in rows for _ in row.element.iterfind("sub_tracks/track")),
    )
    release = _Release(element, release_id, title, credited)
    places = release.places(rows, tally)
    labels = _labels(element)
    barcode = _barcode(element, tally)
    formats = read_formats(element.findall("formats/format"), release.styles)
    date = _date(child_text(element, "released"))
    master = element.find("master_id")
    master_id = (master.text or "").strip() if master is not None else ""
    master_id = master_id if master_id.isdecimal() and master_id.strip("0") else ""
    edition = EditionRecord(
        source="discogs",
        id=release_id,
        group_id=master_id or None,
        title=title,
        kind=formats.kind,
        format=formats.format,
        official=formats.official,
        release_date=date,
        barcode=barcode,
        country=child_text(element, "country")[:_MAX_TEXT] or None,
        label=" / ".join(dict.fromkeys(ref.name or "" for ref, _ in labels))[:_MAX_TEXT] or None,
        catalog_no=" / ".join(dict.fromkeys(number for _, number in labels if number))[:_MAX_TEXT] or None,
        medium_count=formats.medium_count,
        track_count=min(len(tracks), _MAX_COUNT),
    )
    record = ReleaseRecord(
        id=release_id,
        title=title,
        artist=credited[0].artist,
        group=group_of_master(master_id) if master_id else None,
        main=master is not None and master.get("is_main_release") == "true",
        label=labels[0][0] if labels else None,
        release_date=date,
        catalog_no=(labels[0][1] or None) if labels else None,
        tracks=tuple(places),
        editions=(edition,),
    )
    return Item(release_id, record, size=500 + 500 * len(places), tally=dict(tally), flags=tuple(release.flags))


class _Row(NamedTuple):
    """A row of the tracklist and the texts of its children."""

    element: etree._Element
    said: dict[str, str]


class _Release:
    """What the tracks of one release have in common."""

    def __init__(self, element: etree._Element, release_id: str, title: str, credited: list[Credit]) -> None:
        self._element = element
        self._id = release_id
        self._title = title
        self._credited = credited
        genres = [(genre.text or "").strip() for genre in element.iterfind("genres/genre")]
        self.styles = [(style.text or "").strip() for style in element.iterfind("styles/style")]
        self._genres = tuple(from_discogs(genres, self.styles))
        self.flags: list[Rejection] = []

    def places(self, rows: Sequence[_Row], tally: Counter[str]) -> list[Place]:
        tracks = [row for row in rows if row.said.get("position")]
        positions = [row.said["position"][:_MAX_POSITION] for row in tracks]
        keys = _keys(self._id, positions)
        by_track = self._release_credits(rows)
        various = self._credited[0].artist.id == VARIOUS
        described = []
        for row, key, position in zip(tracks, keys, positions, strict=True):
            own = artist_credits(row.element.iterfind("artists/artist"))
            if various and not own:
                tally["tracks of Various Artists without an artist"] += 1
            extra = [credit for credit, _ in extra_credits(row.element.iterfind("extraartists/artist"))]
            described.append(
                TrackRecord(
                    id=key,
                    title=row.said.get("title", "")[:MAX_NAME] or "[untitled]",
                    artists=merged_credits(own or self._credited, [*extra, *by_track.get(row.element, [])]),
                    duration=_seconds(row.said.get("duration", "")),
                    genres=self._genres,
                    links=(Link(source="discogs", id=f"{self._id}-{position}"),),
                )
            )
        linked = self._with_videos(described, tally)
        numbered = numbers(positions)
        return [
            Place(track=track, disc=number.disc, number=number.track)
            for track, number in zip(linked, numbered, strict=True)
        ]

    def _release_credits(self, rows: Sequence[_Row]) -> dict[etree._Element, list[Credit]]:
        """Credits of the release by the track that each is for: all, or those that its range names."""
        found: dict[etree._Element, list[Credit]] = {}
        extra = list(extra_credits(self._element.iterfind("extraartists/artist")))
        if not extra:
            return found
        # Ranges may begin or end in a part of a track ("1-1 to 1-5.7"), so parts stand in the list too.
        in_order = [(row.element, row.said.get("position", "")) for row in rows]
        if any("sub_tracks" in row.said for row in rows):
            in_order = [
                (row.element, position)
                for row in rows
                for position in (
                    row.said.get("position", ""),
                    *(child_text(part, "position") for part in row.element.iterfind("sub_tracks/track")),
                )
            ]
        positions = [position for _, position in in_order]
        for credit, text in extra:
            chosen = tracks_in_range(text, positions) if text else set(range(len(in_order)))
            if chosen is None:
                self.flags.append(
                    Rejection(
                        "credit for unknown tracks", f"credit for unknown tracks: {text!r}", credit.artist.name or ""
                    )
                )
                continue
            for owner in dict.fromkeys(in_order[index][0] for index in sorted(chosen)):
                found.setdefault(owner, []).append(credit)
        return found

    def _with_videos(self, tracks: list[TrackRecord], tally: Counter[str]) -> list[TrackRecord]:
        videos = read_videos(self._element.findall("videos/video"))
        if not videos:
            return tracks
        names = [self._title, *(credit.credited_as or credit.artist.name or "" for credit in self._credited)]
        names += [label.get("name") or "" for label in self._element.iterfind("labels/label")]
        names += [label.get("catno") or "" for label in self._element.iterfind("labels/label")]
        known = frozenset(word for name in names for word in fold(name).split())
        sought = [
            Sought(
                track.title,
                tuple(name for c in track.artists for name in (c.credited_as, c.artist.name) if name),
                track.duration,
            )
            for track in tracks
        ]
        matched = match_videos(videos, sought, known)
        tally["videos"] += len(videos)
        tally["videos linked"] += len(matched)
        return [
            TrackRecord(
                id=track.id,
                title=track.title,
                artists=track.artists,
                duration=track.duration,
                genres=track.genres,
                links=(*track.links, Link(source="youtube", id=matched[index])),
            )
            if index in matched
            else track
            for index, track in enumerate(tracks)
        ]


def _keys(release_id: str, positions: Sequence[str]) -> list[str]:
    """Our ids of the tracks: "2844-A", and "2844-A~2" for the second one at a position that is printed twice."""
    seen = Counter[str]()
    keys = []
    for position in positions:
        seen[position] += 1
        keys.append(f"{release_id}-{position}" + (f"~{seen[position]}" if seen[position] > 1 else ""))
    return keys


def _labels(element: etree._Element) -> list[tuple[Ref, str]]:
    """(label, its catalogue number or ""), without those who say that there is none."""
    labels = []
    for label in element.iterfind("labels/label"):
        source_id, name = label.get("id") or "", without_number((label.get("name") or "").strip())
        number = (label.get("catno") or "").strip()[:_MAX_TEXT]
        if name and source_id.isdecimal() and not name.startswith(_NO_LABEL):
            labels.append((Ref(id=source_id, name=name), "" if number.lower() == "none" else number))
    return labels


def _barcode(element: etree._Element, tally: Counter[str]) -> str | None:
    """The first barcode with a right check digit, otherwise the first."""
    texts = [
        _PRINTED_BESIDE.sub("", identifier.get("value") or "")
        for identifier in element.iterfind("identifiers/identifier")
        if identifier.get("type") == "Barcode"
    ]
    codes = [parse_gtin(text) for text in texts]
    tally["barcodes"] += len(texts)
    tally["barcodes with a wrong check digit"] += sum(1 for code in codes if code and not code.valid)
    tally["barcodes of another length"] += codes.count(None)
    right = next((code.text for code in codes if code and code.valid), None)
    return right or next((text[:_MAX_TEXT] for text in texts if text), None)


def _date(text: str) -> str | None:
    """Of "1999-03-00" March 1999, of "1999-00-00" the year; what is no date is handed on to be counted."""
    parts = text.split("-")
    while len(parts) > 1 and not parts[-1].strip("0"):
        parts.pop()
    return "-".join(parts)[:20] if parts[0].strip("0") else None


def _seconds(text: str) -> int | None:
    """Seconds of "4:45" or "1:02:03", None for anything else and for 0:00."""
    parts = text.split(":")
    if len(parts) not in _TIME_PARTS or not all(p.isascii() and p.isdecimal() and len(p) < _MAX_DIGITS for p in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * _MINUTE + int(part)
    return seconds or None
