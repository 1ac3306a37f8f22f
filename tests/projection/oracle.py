"""An independent third opinion: the same schema, executed by graphql-core over Python lists.

It shares no code with the compiler or the finds: both lanes run the same SQL, so only a third opinion sees a wrong
order, bound or count. Search is left out (re-implementing its tiers would be out of proportion).
"""

# ruff: noqa: N802, N803, N806, A002 - methods are named Type_field, and take arguments as GraphQL names them

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cmp_to_key
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLEnumType, GraphQLObjectType, execute, is_abstract_type

from schema.build import build
from tests.projection.data import CAMELOT, Catalog, Row

KINDS = {"Artist": 1, "Label": 2, "Release": 3, "Track": 4, "Work": 5}
PLATFORMS = ("SPOTIFY", "APPLE_MUSIC", "TIDAL", "BEATPORT", "DISCOGS", "MUSICBRAINZ", "YOUTUBE")
ROLES = ("PRIMARY", "FEATURED", "REMIXER", "PRODUCER", "COMPOSER", "CONDUCTOR", "PERFORMER")
EDITION_KINDS = ("ALBUM", "SINGLE", "EP", "COMPILATION", "LIVE", "REMIX", "SOUNDTRACK", "OTHER")
FORMATS = ("CD", "VINYL", "CASSETTE", "DIGITAL", "DVD", "MIXED", "OTHER")
PRECISIONS = ("DAY", "MONTH", "YEAR")
LONG_AGO, FAR_OFF = date.min, date.max  # how undated rows sort: behind or before all others

Key = tuple[
    Callable[[Row], Any], bool, Callable[[str], Any], Callable[[Any], str]
]  # value, descending, from and to text


def _day_of(text: str) -> date:
    return {"-infinity": LONG_AGO, "infinity": FAR_OFF}.get(text) or date.fromisoformat(text)


def _day_text(day: date) -> str:
    return {LONG_AGO: "-infinity", FAR_OFF: "infinity"}.get(day, day.isoformat())


def by_number(column: str, *, descending: bool = True) -> Key:
    return (lambda row: row[column]), descending, int, str


def newest(column: str) -> Key:
    return (lambda row: row[column] or LONG_AGO), True, _day_of, _day_text


def oldest(column: str) -> Key:
    return (lambda row: row[column] or FAR_OFF), False, _day_of, _day_text


ID = by_number("id")
POPULAR = (by_number("popularity"), ID)
NEWEST = (newest("release_date"), ID)


def _compared(keys: tuple[Key, ...]) -> Callable[[Any, Any], int]:
    def compare(a: list[Any], b: list[Any]) -> int:
        for x, y, (_, descending, _, _) in zip(a, b, keys, strict=True):
            if x != y:
                return (1 if x > y else -1) * (-1 if descending else 1)
        return 0

    return compare


def ordered(rows: Iterable[Row], keys: tuple[Key, ...]) -> list[Row]:
    compare = _compared(keys)

    def compare_rows(a: Row, b: Row) -> int:
        return compare([value(a) for value, *_ in keys], [value(b) for value, *_ in keys])

    return sorted(rows, key=cmp_to_key(compare_rows))


def connection(name: str, rows: Iterable[Row], keys: tuple[Key, ...], first: int, after: str | None) -> Row:
    if not 1 <= first <= 100:
        raise ValueError(first)

    def cursor(row: Row) -> str:
        texts = [text(value(row)) for value, _, _, text in keys]
        return urlsafe_b64encode(json.dumps([name, *texts]).encode()).decode()

    everything = shown = ordered(rows, keys)
    if after is not None:
        made_for, *texts = json.loads(urlsafe_b64decode(after))
        if made_for != name:
            raise ValueError(after)
        mark = [parse(text) for (*_, parse, _), text in zip(keys, texts, strict=True)]
        compare = _compared(keys)
        shown = [row for row in shown if compare([value(row) for value, *_ in keys], mark) > 0]
    page, more = shown[:first], len(shown) > first
    edges = [{"cursor": cursor(row), "node": row} for row in page]
    end = edges[-1]["cursor"] if edges else None
    info = {
        "has_next_page": more,
        "has_previous_page": after is not None,
        "start_cursor": edges[0]["cursor"] if edges else None,
        "end_cursor": end,
    }
    return {
        "nodes": page,
        "edges": edges,
        "page_info": info,
        "next_cursor": end if more else None,
        "total_count": len(everything),
    }


def global_id(kind: str, number: int) -> str:
    return b64encode(f"{kind}:{number}".encode()).decode()


def name_of(names: tuple[str, ...], number: int | None, start: int = 1) -> str | None:
    return None if number is None else names[number - start]


def compact(text: str) -> str:
    return re.sub("[^0-9A-Za-z]", "", text).upper()


class Oracle:
    """Methods `Type_field` answer fields; without one a field is the column of its name."""

    def __init__(self, rows: Catalog) -> None:
        self.c = rows
        self.by = {
            table: {row["id"]: row for row in values} for table, values in rows.tables.items() if "id" in values[0]
        }
        self.merged = {(row["kind"], row["old_id"]): row["new_id"] for row in rows["redirect"]}
        self.today = datetime.now(UTC).date()
        self.indexed: dict[tuple[str, str], dict[Any, list[Row]]] = {}
        self.schema = build()._schema
        for kind in self.schema.type_map.values():
            if is_abstract_type(kind):
                kind.resolve_type = lambda row, *_: row["__kind"]
            if isinstance(kind, GraphQLEnumType) and not kind.name.startswith("__"):
                # Names come from the tables above.
                kind.serialize = kind.coerce_output_value = lambda name: name  # type: ignore[method-assign,assignment]
            if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
                kind.is_type_of = None
                for name, member in kind.fields.items():
                    member.resolve = self.resolver(kind, name)

    def where(self, table: str, **wanted: Any) -> list[Row]:
        """Rows of a table by the values of columns."""
        first = next(iter(wanted))
        index = self.indexed.get((table, first))
        if index is None:
            index = self.indexed[table, first] = {}
            for row in self.c[table]:
                index.setdefault(row[first], []).append(row)
        rows = index.get(wanted.pop(first), [])
        return [row for row in rows if all(row[column] == value for column, value in wanted.items())]

    def execute(self, document: DocumentNode, variables: Mapping[str, Any]) -> ExecutionResult:
        result = execute(self.schema, document, variable_values=dict(variables))
        assert isinstance(result, ExecutionResult)
        return result

    def resolver(self, kind: GraphQLObjectType, name: str) -> Callable[..., Any]:
        own = getattr(self, f"{kind.name}_{name}", None)
        if own is None and kind.name == "ReleaseTrack":
            own = getattr(self, f"Track_{name}", None)
        if own is None and name == "id":
            return lambda row, _info: global_id(kind.name, row["id"])
        if own is None and name == "databaseId":
            return lambda row, _info: row["id"]
        if own is None:
            column = re.sub("([A-Z])", lambda m: "_" + m[1].lower(), name)
            return lambda row, _info: row[column]
        return lambda row, _info, **arguments: own(row, **arguments)

    # Root fields

    def row(self, kind: str, number: int) -> Row | None:
        if kind == "Genre":
            return self.by["genre"].get(number)
        return self.by[kind.lower()].get(self.merged.get((KINDS[kind], number), number))

    def named(self, text: str) -> tuple[str, Row] | None:
        try:
            kind, number = b64decode(text, validate=True).decode().split(":")
        except ValueError:
            return None
        if kind not in (*KINDS, "Genre") or not re.fullmatch("[0-9]+", number):
            return None
        row = self.row(kind, int(number))
        return (kind, row) if row else None

    def Query_node(self, _: None, id: str) -> Row | None:
        found = self.named(id)
        return {**found[1], "__kind": found[0]} if found else None

    def Query_nodes(self, _: None, ids: list[str]) -> list[Row | None]:
        return [self.Query_node(None, text) for text in ids]

    def lookup(self, kind: str, by: Row, special: Callable[[str, Any], Iterable[int]]) -> Row | None:
        ((name, value),) = ((re.sub("_([a-z])", lambda m: m[1].upper(), name), v) for name, v in by.items())
        if name == "databaseId":
            return self.row(kind, value)
        if name == "id":
            found = self.named(value)
            return found[1] if found and found[0] == kind else None
        numbers = sorted(special(name, value))
        return self.by[kind.lower()][numbers[0]] if numbers else None

    def Query_track(self, _: None, by: Row) -> Row | None:
        platforms = {
            "spotifyId": 1,
            "appleMusicId": 2,
            "tidalId": 3,
            "beatportId": 4,
            "discogsId": 5,
            "musicbrainzId": 6,
            "youtubeId": 7,
        }

        def special(name: str, value: str) -> Iterable[int]:
            if name == "isrc":
                return [row["track_id"] for row in self.where("isrc", code=compact(value))]
            return [row["track_id"] for row in self.where("platform_link", source=platforms[name], external_id=value)]

        return self.lookup("Track", by, special)

    def Query_artist(self, _: None, by: Row) -> Row | None:
        columns = {"musicbrainzId": "musicbrainz_id", "wikidataId": "wikidata_id"}
        return self.lookup(
            "Artist", by, lambda name, value: [r["id"] for r in self.where("artist", **{columns[name]: value})]
        )

    def Query_label(self, _: None, by: Row) -> Row | None:
        return self.lookup("Label", by, lambda *_: [])

    def Query_release(self, _: None, by: Row) -> Row | None:
        wanted: dict[str, Callable[[str], Row]] = {
            "barcode": lambda value: {"barcode": compact(value)},
            "musicbrainzReleaseId": lambda value: {"source": 6, "external_id": value},
            "musicbrainzReleaseGroupId": lambda value: {"source": 6, "group_external_id": value},
            "discogsReleaseId": lambda value: {"source": 5, "external_id": value},
            "discogsMasterId": lambda value: {"source": 5, "group_external_id": value},
        }
        return self.lookup(
            "Release",
            by,
            lambda name, value: [row["release_id"] for row in self.where("edition", **wanted[name](value))],
        )

    def Query_work(self, _: None, by: Row) -> Row | None:
        return self.lookup(
            "Work", by, lambda _, value: [row["work_id"] for row in self.where("iswc", code=compact(value))]
        )

    def Query_iswc(self, _: None, code: str) -> Row | None:
        rows = self.where("iswc", code=compact(code))
        return min(rows, key=lambda row: row["work_id"], default=None)

    def Query_genre(self, _: None, databaseId: int) -> Row | None:
        return self.by["genre"].get(databaseId)

    def Query_genres(self, _: None) -> list[Row]:
        return sorted(self.c["genre"], key=lambda row: row["id"])

    def Query_newReleases(self, _: None, first: int, after: str | None = None) -> Row:
        rows = [row for row in self.c["release"] if row["release_date"] and row["release_date"] <= self.today]
        return connection("new", rows, (NEWEST[0], *POPULAR), first, after)

    def Query_browseTracks(  # noqa: PLR0913  # GraphQL arguments are named
        self,
        _: None,
        *,
        first: int,
        randomize: bool,
        after: str | None = None,
        labelId: int | None = None,
        artistId: int | None = None,
        genre: str | None = None,
        genreId: int | None = None,
        year: int | None = None,
    ) -> Row:
        if randomize:
            raise NotImplementedError
        if (labelId, artistId, genre, genreId, year) == (None,) * 5 or (genre is not None and genreId is not None):
            raise ValueError("conditions")
        if genre is not None:
            genreId = min((row["id"] for row in self.c["genre"] if row["name"].lower() == genre.lower()), default=0)
        if year is not None and not 1 <= year <= 9999:
            raise ValueError(year)

        def fits(track: Row) -> bool:
            releases = [self.by["release"][r["release_id"]] for r in self.where("release_track", track_id=track["id"])]
            return (
                (labelId is None or any(release["label_id"] == labelId for release in releases))
                and (artistId is None or bool(self.where("track_artist", track_id=track["id"], artist_id=artistId)))
                and (genreId is None or bool(self.where("track_genre", track_id=track["id"], genre_id=genreId)))
                and (year is None or bool(track["released"] and track["released"].year == year))
            )

        return connection("tracks", filter(fits, self.c["track"]), (newest("released"), ID), first, after)

    # Artists and labels

    def releases(self, whose: Row, first: int, after: str | None, since: date | None, until: date | None) -> Row:
        rows = [
            row
            for row in self.where("release", **whose)
            if (since is None and until is None)
            or (
                row["release_date"]
                and (since is None or row["release_date"] >= since)
                and (until is None or row["release_date"] <= until)
            )
        ]
        return connection(next(iter(whose)).removesuffix("_id") + ".releases", rows, NEWEST, first, after)

    def Artist_releases(
        self, artist: Row, first: int, after: str | None = None, until: date | None = None, **rest: date | None
    ) -> Row:
        return self.releases({"artist_id": artist["id"]}, first, after, rest.get("from"), until)

    def Artist_tracks(self, artist: Row, first: int, after: str | None = None) -> Row:
        numbers = {row["track_id"] for row in self.where("track_artist", artist_id=artist["id"])}
        return connection("artist.tracks", [self.by["track"][n] for n in numbers], POPULAR, first, after)

    def Label_artistCount(self, label: Row) -> int:
        return len({row["artist_id"] for row in self.where("release", label_id=label["id"])})

    def Label_releases(
        self, label: Row, first: int, after: str | None = None, until: date | None = None, **rest: date | None
    ) -> Row:
        return self.releases({"label_id": label["id"]}, first, after, rest.get("from"), until)

    def Label_artists(self, label: Row, first: int, after: str | None = None) -> Row:
        counts: dict[int, int] = {}
        for row in self.where("release", label_id=label["id"]):
            counts[row["artist_id"]] = counts.get(row["artist_id"], 0) + 1
        rows = [{**self.by["artist"][n], "release_count": count} for n, count in counts.items()]
        return connection(
            "label.artists", rows, (by_number("release_count"), by_number("id", descending=False)), first, after
        )

    def LabelArtist_artist(self, row: Row) -> Row:
        return self.by["artist"][row["id"]]

    def ArtistCredit_artist(self, row: Row) -> Row:
        return self.by["artist"][row["artist_id"]]

    def ArtistCredit_artistDatabaseId(self, row: Row) -> Any:
        return row["artist_id"]

    def ArtistCredit_artistName(self, row: Row) -> Any:
        return self.by["artist"][row["artist_id"]]["name"]

    def ArtistCredit_role(self, row: Row) -> str | None:
        return name_of(ROLES, row["role"], start=0)

    def ArtistCredit_isPrimary(self, row: Row) -> bool:
        return bool(row["role"] == 0)

    def ArtistCredit_isRemixer(self, row: Row) -> bool:
        return bool(row["role"] == 2)

    def BilledArtist_artist(self, row: Row) -> Row:
        return self.by["artist"][row["artist_id"]]

    def BilledArtist_artistDatabaseId(self, row: Row) -> Any:
        return row["artist_id"]

    def BilledArtist_artistName(self, row: Row) -> Any:
        return self.by["artist"][row["artist_id"]]["name"]

    def BilledArtist_isPrimary(self, row: Row) -> bool:
        return 0 in self._roles(row)

    def BilledArtist_isRemixer(self, row: Row) -> bool:
        return 2 in self._roles(row)

    def _roles(self, row: Row) -> set[int]:
        same = self.where("track_artist", track_id=row["track_id"])
        return {other["role"] for other in same if other["artist_id"] == row["artist_id"]}

    # Genres and works

    def Genre_type(self, genre: Row) -> str:
        return "SUBGENRE" if genre["parent_id"] else "MAIN"

    def Genre_parent(self, genre: Row) -> Row | None:
        return self.by["genre"].get(genre["parent_id"])

    def Genre_parentName(self, genre: Row) -> str | None:
        parent = self.Genre_parent(genre)
        return parent["name"] if parent else None

    def Genre_subgenres(self, genre: Row) -> list[Row]:
        return sorted(self.where("genre", parent_id=genre["id"]), key=lambda row: row["id"])

    def Work_iswcs(self, work: Row) -> list[str]:
        return sorted(row["code"] for row in self.where("iswc", work_id=work["id"]))

    def Work_recordings(self, work: Row, first: int, after: str | None = None) -> Row:
        rows = [self.by["track"][row["track_id"]] for row in self.where("work_recording", work_id=work["id"])]
        return connection("work.recordings", rows, POPULAR, first, after)

    def Iswc_iswc(self, row: Row) -> Any:
        return row["code"]

    def Iswc_title(self, row: Row) -> Any:
        return self.by["work"][row["work_id"]]["title"]

    def Iswc_work(self, row: Row) -> Row:
        return self.by["work"][row["work_id"]]

    def recorded(self, code: str) -> list[Row]:
        works = {row["work_id"] for row in self.where("iswc", code=code)}
        numbers = {row["track_id"] for row in self.c["work_recording"] if row["work_id"] in works}
        return [self.by["track"][n] for n in numbers]

    def Iswc_recordingCount(self, row: Row) -> int:
        return len(self.recorded(row["code"]))

    def Iswc_recordings(self, row: Row, first: int) -> list[Row]:
        return ordered(self.recorded(row["code"]), POPULAR)[:first]

    # Releases and editions

    def Release_artist(self, release: Row) -> Row:
        return self.by["artist"][release["artist_id"]]

    def Release_label(self, release: Row) -> Row | None:
        return self.by["label"].get(release["label_id"])

    def Release_datePrecision(self, release: Row) -> str | None:
        return name_of(PRECISIONS, release["date_precision"])

    def Release_musicbrainzReleaseIds(self, release: Row) -> list[str]:
        return sorted(row["external_id"] for row in self.where("edition", release_id=release["id"], source=6))

    def Release_musicbrainzReleaseGroupIds(self, release: Row) -> list[str]:
        groups = {row["group_external_id"] for row in self.where("edition", release_id=release["id"], source=6)}
        return sorted(groups - {None})

    def Release_tracks(self, release: Row, first: int, edition: int | None = None) -> list[Row]:
        numbering = {row["track_id"]: row for row in self.where("release_track", release_id=release["id"])}
        tracks = list(numbering)
        if edition is not None and self.where("edition", id=edition, release_id=release["id"]):
            numbering = {row["track_id"]: row for row in self.where("edition_track", edition_id=edition)}
        rows = []
        for number in tracks:
            place = numbering.get(number, {"disc_number": None, "track_number": None})
            rows.append(
                {
                    **self.by["track"][number],
                    "disc_number": place["disc_number"],
                    "track_number": place["track_number"],
                }
            )

        def last_if_none(column: str) -> Key:
            return (lambda row: 10**6 if row[column] is None else row[column]), False, int, str

        keys = (last_if_none("disc_number"), last_if_none("track_number"), by_number("id", descending=False))
        return ordered(rows, keys)[:first]

    def ReleaseTrack_track(self, row: Row) -> Row:
        return self.by["track"][row["id"]]

    def Release_numberedBy(self, release: Row, edition: int | None = None) -> int | None:
        return edition if self.where("edition", id=edition, release_id=release["id"]) else None

    def Release_editions(self, release: Row, first: int, after: str | None = None) -> Row:
        keys = (oldest("release_date"), by_number("id", descending=False))
        return connection("editions", self.where("edition", release_id=release["id"]), keys, first, after)

    def Release_distinctEditions(self, release: Row) -> list[Row]:
        keys = (oldest("release_date"), by_number("id", descending=False))
        seen, kept = set(), []
        for row in ordered(self.where("edition", release_id=release["id"]), keys):
            year = row["release_date"].year if row["release_date"] else None
            columns = ("kind", "format", "label", "country", "track_count", "source")
            facts = (*(row[column] for column in columns), year, row["official"] is not False)
            if facts not in seen:
                seen.add(facts)
                kept.append(row)
        return kept[:20]

    def Edition_source(self, row: Row) -> str | None:
        return name_of(PLATFORMS, row["source"])

    def Edition_kind(self, row: Row) -> str | None:
        return name_of(EDITION_KINDS, row["kind"])

    def Edition_format(self, row: Row) -> str | None:
        return name_of(FORMATS, row["format"])

    def Edition_datePrecision(self, row: Row) -> str | None:
        return name_of(PRECISIONS, row["date_precision"])

    def Edition_tracksOnRow(self, row: Row) -> int:
        return len(self.where("edition_track", edition_id=row["id"]))

    # Tracks

    def credits(self, track: Row) -> list[Row]:
        return sorted(self.where("track_artist", track_id=track["id"]), key=lambda row: row["position"])

    def Track_artists(self, track: Row) -> list[Row]:
        return self.credits(track)

    def Track_billedArtists(self, track: Row) -> list[Row]:
        billed: dict[int, Row] = {}
        for row in self.credits(track):
            if row["role"] in (0, 1, 2, 6):
                kept = billed.get(row["artist_id"])
                billed[row["artist_id"]] = row if kept is None or row["role"] < kept["role"] else kept
        return sorted(billed.values(), key=lambda row: int(row["position"]))

    def Track_artistCredit(self, track: Row) -> str:
        rows, text = [row for row in self.credits(track) if row["role"] < 2], ""
        for row in rows:
            text += row["credited_as"] if row["credited_as"] is not None else self.ArtistCredit_artistName(row)
            if row is not rows[-1]:
                text += row["join_phrase"] if row["join_phrase"] is not None else ", "
        return text

    def Track_isrcs(self, track: Row) -> list[str]:
        codes = self.where("isrc", track_id=track["id"])
        return [row["code"] for row in sorted(codes, key=lambda row: (not row["preferred"], row["code"]))]

    def Track_isrc(self, track: Row) -> str | None:
        return next(iter(self.Track_isrcs(track)), None)

    def Track_genres(self, track: Row) -> list[Row]:
        return [
            self.by["genre"][n] for n in sorted(r["genre_id"] for r in self.where("track_genre", track_id=track["id"]))
        ]

    def Track_genre(self, track: Row) -> list[str]:
        return [row["name"] for row in self.Track_genres(track) if row["parent_id"] is None]

    def Track_subgenre(self, track: Row) -> list[str]:
        return [row["name"] for row in self.Track_genres(track) if row["parent_id"] is not None]

    def Track_bpm(self, track: Row) -> float | None:
        if track["bpm"] is None:
            return None
        digits = Context(prec=15).create_decimal_from_float(track["bpm"])  # as PostgreSQL reads a double into numeric
        return float(digits.quantize(Decimal("0.01"), ROUND_HALF_UP))

    def Track_keyAlphanumeric(self, track: Row) -> Any:
        return track["camelot"]

    def Track_keyMusical(self, track: Row) -> str | None:
        return CAMELOT.get(track["camelot"], (None, None))[0]

    def Track_keyOpen(self, track: Row) -> str | None:
        return CAMELOT.get(track["camelot"], (None, None))[1]

    SourcedKey_keyAlphanumeric, SourcedKey_keyMusical, SourcedKey_keyOpen = (
        Track_keyAlphanumeric,
        Track_keyMusical,
        Track_keyOpen,
    )

    def Track_keys(self, track: Row) -> list[Row]:
        return sorted(self.where("track_musical_key", track_id=track["id"]), key=lambda row: row["source"])

    def Track_works(self, track: Row) -> list[Row]:
        numbers = sorted(row["work_id"] for row in self.where("work_recording", track_id=track["id"]))
        return [self.by["work"][n] for n in numbers]

    def Track_iswcs(self, track: Row) -> list[Row]:
        rows = [row for work in self.Track_works(track) for row in self.where("iswc", work_id=work["id"])]
        oldest_first = sorted(rows, key=lambda row: (row["code"], row["work_id"]))
        return list({row["code"]: row for row in reversed(oldest_first)}.values())[::-1]

    def Track_releases(self, track: Row, first: int) -> list[Row]:
        rows = [self.by["release"][r["release_id"]] for r in self.where("release_track", track_id=track["id"])]
        return ordered(rows, (oldest("release_date"), by_number("id", descending=False)))[:first]

    def Track_links(self, track: Row, platforms: list[Any] | None = None) -> list[Row]:
        wanted = None if platforms is None else {getattr(p, "value", p) for p in platforms}
        rows = self.where("platform_link", track_id=track["id"])
        shown = [row for row in rows if wanted is None or row["source"] in wanted]
        return sorted(shown, key=lambda row: (row["source"], row["external_id"]))

    def PlatformLink_source(self, row: Row) -> str | None:
        return name_of(PLATFORMS, row["source"])

    def PlatformLink_url(self, row: Row) -> str:
        starts = {
            1: "https://open.spotify.com/track/",
            2: "https://music.apple.com/song/",
            3: "https://tidal.com/browse/track/",
            4: "https://www.beatport.com/track/-/",
            5: "https://www.discogs.com/release/",
            6: "https://musicbrainz.org/recording/",
            7: "https://www.youtube.com/watch?v=",
        }
        external = row["external_id"].split("-")[0] if row["source"] == 5 else row["external_id"]
        return starts[row["source"]] + str(external)
