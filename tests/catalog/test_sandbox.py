"""The sandbox catalog: complete, consistent, openly fictional, and the same for ever."""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import fields

from sonograph.catalog import sandbox
from sonograph.catalog.codes import Code, parse_gtin, parse_isrc, parse_iswc
from sonograph.catalog.dates import parse_date
from sonograph.catalog.genre_names import canonical
from sonograph.catalog.keys import parse_key
from sonograph.catalog.platform_ids import parse_platform_id
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    EditionRecord,
    Format,
    GroupRecord,
    Kind,
    LabelRecord,
    Link,
    Place,
    RedirectRecord,
    Ref,
    ReleaseRecord,
    Role,
    Source,
    SourcedKey,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.sandbox import facts, vendor
from sonograph.catalog.sandbox.draw import Draw
from sonograph.catalog.vocabulary import Platform, rest_name

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
RECORDS = list(sandbox.records())
LINES = [msgspec.json.encode(record) for record in RECORDS]
SHAPES = (AnyRecord, Credit, SourcedKey, Link, Place, EditionRecord, Ref)
PLATFORMS = {rest_name(platform): platform for platform in Platform}
T = TypeVar("T")
REAL = {"daft-punk", "virgin"}


def parts(value: Any) -> Iterator[msgspec.Struct]:
    """Every record and part, nested ones included."""
    if isinstance(value, msgspec.Struct):
        yield value
        for field in fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)


ALL = [part for record in RECORDS for part in parts(record)]


def of(kind: type[T]) -> list[T]:
    return [part for part in ALL if isinstance(part, kind)]


ARTISTS, LABELS, WORKS = of(ArtistRecord), of(LabelRecord), of(WorkRecord)
RELEASES, TRACKS, EDITIONS, REDIRECTS = of(ReleaseRecord), of(TrackRecord), of(EditionRecord), of(RedirectRecord)
GROUPS = {group.id: group for group in of(GroupRecord)}
LOOSE = [record for record in RECORDS if isinstance(record, TrackRecord)]
BY_ID = {track.id: track for track in TRACKS}


def artist_refs() -> list[Ref]:
    return [credit.artist for credit in of(Credit)] + [release.artist for release in RELEASES]


def label_refs() -> list[Ref]:
    return [release.label for release in RELEASES if release.label]


def merged(kind: str) -> set[str]:
    return {redirect.id for redirect in REDIRECTS if redirect.kind == kind}


def standing(kind: str, ids: set[str]) -> int:
    """How many rows there are once doubles are merged."""
    return len(ids - merged(kind))


def held(release: ReleaseRecord) -> list[str]:
    return [place.track if isinstance(place.track, str) else place.track.id for place in release.tracks]


def rows_of_groups() -> dict[str, list[ReleaseRecord]]:
    rows = defaultdict(list)
    for release in RELEASES:
        rows[release.group or release.id].append(release)
    return rows


def date_of(row: str, releases: list[ReleaseRecord]) -> str | None:
    """Of the release that these records make together; what they do not say, their group does."""
    said = [release.release_date for release in releases] + [
        group.release_date for group in GROUPS.values() if group.id == row
    ]
    return next(filter(None, said), None)


def genreless() -> set[str]:
    """Ids of tracks that have no genre, neither of their own nor of the group of their release."""
    covered = {
        track
        for release in RELEASES
        if release.group in GROUPS and GROUPS[release.group].genres
        for track in held(release)
    }
    return {track.id for track in TRACKS if not track.genres} - covered


def figures() -> dict[str, int]:
    """The counts of docs/reference/sandbox.md."""
    rows = rows_of_groups()
    on_release = {track for release in RELEASES for track in held(release)}
    genres = canonical_genres()
    used = {genres[genre] for track in TRACKS for genre in track.genres}
    recordings = Counter(work for track in TRACKS for work in track.works)
    editions = {row: sum(len(release.editions) for release in releases) for row, releases in rows.items()}
    dates = Counter(len(date_of(row, some) or "") for row, some in rows.items() if row not in merged("release"))
    artists = {artist.id for artist in ARTISTS} | {ref.id for ref in artist_refs() if ref.name}
    labels = {label.id for label in LABELS} | {ref.id for ref in label_refs() if ref.name}
    return {
        "Records (lines of JSONL)": len(RECORDS),
        "Tracks": standing("track", set(BY_ID)),
        "Tracks without a release": standing("track", set(BY_ID) - on_release),
        "Tracks without a genre": standing("track", genreless()),
        "Tracks of several works (medleys)": sum(len(track.works) > 1 for track in TRACKS),
        "Tracks with several ISRCs": sum(len(track.isrcs) > 1 for track in TRACKS),
        "ISRCs": len({code for track in TRACKS for code in track.isrcs}),
        "Links to platforms": sum(len(track.links) for track in TRACKS),
        "Releases": standing("release", set(rows)),
        "Releases dated to the day": dates[10],
        "Releases dated to the month": dates[7],
        "Releases dated to the year": dates[4],
        "Releases without a date": dates[0],
        "Releases without tracks": standing("release", {row for row, some in rows.items() if not any(map(held, some))}),
        "Releases by Various Artists": sum(some[0].artist.id == "various" for some in rows.values()),
        "Editions": sum(editions.values()),
        "Editions of one release, at most": max(editions.values()),
        "Artists": standing("artist", artists),
        "Artists without a release or recording": standing("artist", artists - {ref.id for ref in artist_refs()}),
        "Labels": standing("label", labels),
        "Labels without a release": standing("label", labels - {ref.id for ref in label_refs()}),
        "Works": standing("work", {work.id for work in WORKS}),
        "Works without an ISWC": sum(not work.iswcs for work in WORKS if work.id not in merged("work")),
        "Recordings of one work, at most": max(recordings.values()),
        "Main genres in use": len({number // 100 for number in used}),
        "Subgenres in use": len({number for number in used if number % 100}),
        "Redirects": len(REDIRECTS),
    }


def canonical_genres() -> dict[str | int, int]:
    """Number by number and by name; a name that both a main and a subgenre have stands for nothing here."""
    known: dict[str | int, int] = {}
    names = Counter[str]()
    for main in json.loads((SHARED / "data/genres.json").read_text())["mains"]:
        for genre in (main, *main["sub"]):
            known[genre["id"]] = known[genre["name"]] = genre["id"]
            names[genre["name"]] += 1
    return {key: number for key, number in known.items() if names.get(str(key), 1) == 1}


# -- the same for ever


def test_version_is_the_digest_of_the_records() -> None:
    """Ids are given in the order of records: a changed digest is a changed catalog, and needs its new VERSION."""
    assert sha256(b"\n".join(LINES)).hexdigest()[:12] == sandbox.VERSION


def test_the_same_in_another_process_with_another_hash_seed() -> None:
    command = [sys.executable, "-m", "sonograph.catalog.sandbox"]
    environment = {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(command, capture_output=True, check=True, env=environment, cwd=ROOT)
    assert printed.stdout == b"".join(line + b"\n" for line in LINES)
    assert not printed.stderr


def test_draws_are_those_of_the_documented_seed() -> None:
    draw = Draw("pinned")
    assert [draw.number(1, 1000) for _ in range(3)] == PINNED_DRAWS


PINNED_DRAWS = [79, 718, 806]


def test_vendor_examples_come_first_of_their_kind() -> None:
    assert (ARTISTS[0].id, LABELS[0].id, WORKS[0].id) == ("daft-punk", "virgin", "daft-punk/one-more-time")
    assert [release.title for release in RELEASES[:2]] == ["Discovery", "Homework"]
    assert TRACKS[0].title == "One More Time"


# -- consistent


def test_lines_read_back_as_the_same_records() -> None:
    assert [msgspec.json.decode(line, type=AnyRecord) for line in LINES] == RECORDS


def test_ids_are_given_once() -> None:
    for kind in get_args(AnyRecord):
        if kind is not RedirectRecord:
            assert [i for i, n in Counter(part.id for part in of(kind)).items() if n > 1] == []


def test_records_come_after_those_that_they_refer_to() -> None:
    order = [ArtistRecord, LabelRecord, WorkRecord, ReleaseRecord, GroupRecord, TrackRecord, RedirectRecord]
    kinds = [order.index(type(record)) for record in RECORDS]
    assert kinds == sorted(kinds)
    seen = set[tuple[str, str]]()
    for part in ALL:  # depth first, a release before its tracks, a place before its track
        match part:
            case ArtistRecord() | LabelRecord() | WorkRecord():
                seen.add((type(part).__name__, part.id))
            case ReleaseRecord() | Credit():
                assert part.artist.name or ("ArtistRecord", part.artist.id) in seen or ("named", part.artist.id) in seen
                if part.artist.name:
                    seen.add(("named", part.artist.id))
                if isinstance(part, ReleaseRecord) and part.label:
                    assert part.label.name or ("LabelRecord", part.label.id) in seen
            case TrackRecord():
                assert all(("WorkRecord", work) in seen for work in part.works)
                seen.add(("TrackRecord", part.id))
            case Place(track=str(track)):
                assert ("TrackRecord", track) in seen


def test_redirects_lead_from_one_row_to_another_and_nothing_refers_to_the_merged() -> None:
    ids = {
        "artist": {a.id for a in ARTISTS},
        "label": {label.id for label in LABELS},
        "work": {w.id for w in WORKS},
        "release": {r.id for r in RELEASES},
        "track": set(BY_ID),
    }
    assert {redirect.kind for redirect in REDIRECTS} == set(ids)
    for redirect in REDIRECTS:
        assert {redirect.id, redirect.into} <= ids[redirect.kind]
        assert redirect.into not in merged(redirect.kind)
    assert not merged("artist") & {ref.id for ref in artist_refs()}
    assert not merged("label") & {ref.id for ref in label_refs()}
    assert not merged("work") & {work for track in TRACKS for work in track.works}
    assert not merged("track") & {track for release in RELEASES for track in held(release)}


def test_a_release_or_edition_holds_a_track_once() -> None:
    for row in rows_of_groups().values():
        tracks = {track for release in row for track in held(release)}
        for release in row:
            assert len(held(release)) == len(set(held(release)))
            for edition in release.editions:
                listed = [place.track for place in edition.tracks]
                assert len(listed) == len(set(map(str, listed)))
                assert set(listed) <= tracks


def test_places_of_an_edition_are_taken_once() -> None:
    for places in [holder.tracks for holder in EDITIONS] + [holder.tracks for holder in RELEASES]:
        taken = [(place.disc, place.number) for place in places if place.number is not None]
        assert len(taken) == len(set(taken))


def test_editions_have_ids_of_their_own() -> None:
    assert len({(edition.source, edition.id) for edition in EDITIONS}) == len(EDITIONS)


def test_partial_dates_are_dates() -> None:
    texts = [release.release_date for release in RELEASES if release.release_date]
    texts += [edition.release_date for edition in EDITIONS if edition.release_date]
    texts += [artist.formation_date for artist in ARTISTS if artist.formation_date]
    for text in texts:
        date.fromisoformat(text + "-01-01"[: 10 - len(text)] if len(text) != 7 else text + "-01")
    assert {len(text) for text in texts} == {4, 7, 10}


def test_genres_are_canonical_and_unambiguous() -> None:
    assert {genre for track in TRACKS for genre in track.genres} <= set(canonical_genres())


# -- openly fictional


def fictional_tracks() -> list[TrackRecord]:
    return [track for track in TRACKS if track.artists[0].artist.id not in REAL]


def test_codes_come_from_ranges_that_nobody_has() -> None:
    isrcs = [code for track in fictional_tracks() for code in track.isrcs]
    assert all(re.fullmatch(r"XXFIC\d{7}", code) for code in isrcs)
    assert [code for code, n in Counter(isrcs).items() if n > 1] == [BY_ID["loose/shared/1"].isrcs[0]]
    iswcs = [code for work in WORKS[1:] for code in work.iswcs]
    assert all(re.fullmatch(r"T599\d{7}", code) for code in iswcs)
    assert len(set(iswcs)) == len(iswcs)
    assert all(re.fullmatch(r"Q99\d{9}", artist.wikidata_id) for artist in ARTISTS[1:] if artist.wikidata_id)
    assert all(UUID(artist.musicbrainz_id).version == 5 for artist in ARTISTS[1:] if artist.musicbrainz_id)


def test_iswcs_have_their_check_digit() -> None:
    for code in (code for work in WORKS for code in work.iswcs):
        digits = [int(digit) for digit in code[1:]]
        weights = (*range(1, 10), 1)
        assert (1 + sum(w * d for w, d in zip(weights, digits, strict=True))) % 10 == 0, code


def gtin_is_right(digits: str) -> bool:
    return sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(reversed(digits))) % 10 == 0


def test_barcodes_right_wrong_and_as_printed() -> None:
    printed = [edition.barcode for edition in EDITIONS if edition.barcode]
    digits = [code.replace(" ", "") for code in printed]
    assert {len(code) for code in digits} == {8, 12, 13}
    assert all(code.startswith({8: "2", 12: "4", 13: "29"}[len(code)]) for code in digits)
    right = [gtin_is_right(code) for code in digits]
    assert right.count(True) > 20
    assert right.count(False) > 5
    assert any(" " in code for code in printed)


LINK_SHAPES = {
    "spotify": r"[0-9A-Za-z]{22}",
    "applemusic": r"\d+",
    "tidal": r"\d+",
    "beatport": r"\d+",
    "discogs": r"99\d{6}-(\d+|[AB]\d+|1-\d+|CD1-\d+)",
    "musicbrainz": r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "youtube": r"[0-9A-Za-z_-]{11}",
}


@pytest.mark.parametrize("source", get_args(Source))
def test_links_have_the_shape_of_their_platform_and_lead_to_one_track(source: str) -> None:
    links = [link for link in of(Link) if link.source == source]
    assert len(links) > 50
    assert [link.id for link in links if not re.fullmatch(LINK_SHAPES[source], link.id)] == []
    shared = [i for i, n in Counter(link.id for link in links).items() if n > 1]
    assert shared == ([BY_ID["loose/shared/1"].links[0].id] if source == "youtube" else [])
    if source == "discogs":
        assert any(re.search(r"-CD\d-\d", link.id) for link in links)


def test_what_is_written_is_what_the_catalog_reads() -> None:
    """Our own parsers take every code, key and date as it stands: nothing of the sandbox is refused or changed."""
    for track in TRACKS:
        assert [parse_isrc(code) for code in track.isrcs] == list(track.isrcs)
        for key in filter(None, [track.key, *(said.key for said in track.keys)]):
            assert parse_key(key), key
        for link in track.links:
            assert parse_platform_id(PLATFORMS[link.source], link.id) == link.id
        for genre in track.genres:
            assert isinstance(genre, int) or canonical(genre) == canonical_genres()[genre]
    for code in (code for work in WORKS for code in work.iswcs):
        assert parse_iswc(code) == Code(code, valid=True)
    for edition in EDITIONS:
        assert not edition.barcode or parse_gtin(edition.barcode)
        assert not edition.release_date or parse_date(edition.release_date)


def test_key_notations_of_the_table_agree() -> None:
    for alphanumeric, *others in facts.KEYS:
        assert {parse_key(key) for key in others} == {alphanumeric}


# -- every member filled somewhere and empty somewhere


def optional_members() -> list[tuple[type[msgspec.Struct], str]]:
    """But for `same_as`: what another source calls it. The sandbox is one source, and is not merged."""
    shapes = [shape for entry in SHAPES for shape in (get_args(entry) or (entry,))]
    return [
        (shape, field.name)
        for shape in shapes
        for field in fields(shape)
        if not field.required and field.name != "same_as"
    ]


@pytest.mark.parametrize(("shape", "member"), optional_members())
def test_optional_member_is_filled_somewhere_and_empty_somewhere(shape: type[msgspec.Struct], member: str) -> None:
    default = next(field.default for field in fields(shape) if field.name == member)
    same = [getattr(part, member) == default for part in ALL if type(part) is shape]
    assert not all(same), "never filled"
    assert any(same), "never empty"


@pytest.mark.parametrize(
    ("shape", "member", "values"),
    [
        (Credit, "role", Role),
        (Link, "source", Source),
        (EditionRecord, "kind", Kind),
        (EditionRecord, "format", Format),
    ],
)
def test_every_word_of_a_closed_list_is_used(shape: type[msgspec.Struct], member: str, values: Any) -> None:
    assert {getattr(part, member) for part in ALL if type(part) is shape} - {None} == set(get_args(values))


def test_editions_are_official_or_not_or_unknown_and_of_three_sources() -> None:
    assert {edition.official for edition in EDITIONS} == {True, False, None}
    assert {edition.source for edition in EDITIONS} == {"spotify", "discogs", "musicbrainz"}


def test_tracks_stand_on_releases_inline_and_by_id() -> None:
    assert {type(place.track) for release in RELEASES for place in release.tracks} == {str, TrackRecord}


# -- what the issue asks for


def test_size() -> None:
    counts = figures()
    least = {
        "Tracks": 500, "Releases": 60, "Artists": 40, "Labels": 10, "Main genres in use": 25, "Subgenres in use": 100,
        "Recordings of one work, at most": 25, "Editions of one release, at most": 21,
        "Tracks of several works (medleys)": 3,
        "Artists without a release or recording": 2, "Labels without a release": 2,
        "Tracks without a release": 10,
        "Releases without tracks": 3, "Releases without a date": 3, "Releases dated to the month": 10,
        "Releases dated to the year": 10, "Releases by Various Artists": 5, "Tracks without a genre": 20,
    }  # fmt: skip
    assert {name: counts[name] for name in least if counts[name] < least[name]} == {}


def test_medleys_have_several_iswcs() -> None:
    codes = {work.id: work.iswcs for work in WORKS}
    medleys = [track for track in TRACKS if len(track.works) > 1]
    assert all(len({code for work in track.works for code in codes[work]}) > 1 for track in medleys)


def test_remixers_stand_in_the_title() -> None:
    names = {artist.id: artist.name for artist in ARTISTS}
    remixes = [
        t for t in TRACKS for c in t.artists if c.role == "remixer" and f"({names[c.artist.id]} Remix)" in t.title
    ]
    assert len(remixes) > 20


def test_compilations_have_tracks_of_many_artists() -> None:
    for release in RELEASES:
        if release.artist.id == "various":
            assert len({BY_ID[track].artists[0].artist.id for track in held(release)}) >= 5


def test_one_album_is_numbered_in_three_ways() -> None:
    carousel = next(release for release in RELEASES if release.id == "paper-carousel")
    numberings = [
        {place.track: (place.disc, place.number) for place in edition.tracks} for edition in carousel.editions
    ]
    assert sorted(map(len, numberings)) == [10, 10, 12]
    assert len({numbering["paper-carousel/8"] for numbering in numberings}) == 3


def test_one_group_is_one_release() -> None:
    rows = rows_of_groups()
    assert sorted(len(row) for row in rows.values())[-2:] == [2, 3]
    assert [release.main for release in rows["quiet-pair"]] == [False, True]
    assert set(GROUPS) - set(rows) == {"never-released"}


def test_key_notations_and_bpm_forms() -> None:
    keys = [track.key for track in TRACKS if track.key]
    for notation in (r"\d+[AB]", r"\d+[md]", r"[A-G][#b]?m?", r"[A-G][#b]? (minor|major)"):
        assert sum(bool(re.fullmatch(notation, key)) for key in keys) > 20
    assert len({key.source for key in of(SourcedKey)}) == 3
    disagreeing = [track for track in TRACKS if len({key.key for key in track.keys}) > 1]
    assert len(disagreeing) > 20
    assert {bool(track.bpm % 1) for track in TRACKS if track.bpm} == {True, False}
    assert all(round(track.bpm, 2) == track.bpm for track in TRACKS if track.bpm)


def test_popularity_is_zipf_like() -> None:
    ranked = sorted((track.popularity or 0 for track in fictional_tracks()), reverse=True)
    assert ranked[0] > 10 * ranked[len(ranked) // 20]
    assert ranked[len(ranked) // 2] < 250
    assert ranked[-1] == 0


def test_titles_shared_by_many() -> None:
    artists = defaultdict(set)
    for track in TRACKS:
        artists[track.title].add(track.artists[0].artist.id)
    assert len(artists["Intro"]) >= 5
    assert len(artists["Home"]) >= 10
    assert Counter(artist.name for artist in ARTISTS)["Ember Vale"] == 2


@pytest.mark.parametrize(
    "script",
    ["CYRILLIC", "CJK", "HIRAGANA", "HANGUL", "ARABIC", "HEBREW", "GREEK", "THAI", "DEVANAGARI", "GEORGIAN"],
)
def test_scripts_in_artist_names_and_titles(script: str) -> None:
    from_script = SCRIPTS[script]
    assert any(re.search(from_script, name) for artist in ARTISTS for name in (artist.name, *artist.aliases)) or (
        script == "HIRAGANA"
    )
    assert sum(bool(re.search(from_script, track.title)) for track in TRACKS) >= 5


SCRIPTS = {
    "CYRILLIC": "[Ѐ-ӿ]{3}", "CJK": "[一-鿿]", "HIRAGANA": "[぀-ゟ]", "HANGUL": "[가-힣]", "ARABIC": "[؀-ۿ]",
    "HEBREW": "[֐-׿]", "GREEK": "[Ͱ-Ͽ]{3}", "THAI": "[฀-๿]", "DEVANAGARI": "[ऀ-ॿ]", "GEORGIAN": "[ა-ჰ]",
}  # fmt: skip


@pytest.mark.parametrize(
    "trap", ["\u2028", "\u0085", "\u202e", "\u0301", "'", '"', "\\", "%", "\n", "🌊", "\U00020bb7"]
)
def test_awkward_titles(trap: str) -> None:
    assert any(trap in track.title for track in TRACKS)


def test_longest_and_shortest_titles() -> None:
    assert max(len(track.title) for track in TRACKS) > 900
    assert {"Q", ".", "雨"} <= {track.title for track in TRACKS if len(track.title) == 1}


# -- the vendor's examples


def test_vendor_facts() -> None:
    given = json.loads((SHARED / "data/vendor_examples.json").read_text())
    artist = msgspec.to_builtins(vendor.ARTIST)
    assert {name: artist[name] for name in given["artist"]} == given["artist"]
    assert vendor.LABEL.name == given["label"]["name"]
    placed = {place.track.title: (release, place) for release in vendor.RELEASES for place in release.tracks
              if isinstance(place.track, TrackRecord)}  # fmt: skip
    assert set(placed) == {fact["title"] for fact in given["tracks"]}
    for fact in given["tracks"]:
        release, place = placed[fact["title"]]
        track = place.track
        assert isinstance(track, TrackRecord)
        assert (release.title, place.disc, place.number) == (fact["release"], fact["disc"], fact["position"])
        assert track.duration == fact.get("duration")
        assert list(track.isrcs) == [*filter(None, [fact.get("isrc")]), *fact.get("other_isrcs", [])]
        assert (track.bpm, track.key) == (fact.get("bpm"), fact.get("key_alphanumeric"))
        assert [link.id for link in track.links if link.source == "spotify"] == [*filter(None, [fact.get("spotify")])]
        assert [code for w in WORKS if w.id in track.works for code in w.iswcs] == [*filter(None, [fact.get("iswc")])]
    for fact, release in zip(given["releases"], vendor.RELEASES, strict=True):
        assert (release.title, release.release_date) == (fact["title"], fact["release_date"])
    fact, edition = given["releases"][0], vendor.DISCOVERY.editions[0]
    assert (edition.source, edition.id) == ("musicbrainz", fact["musicbrainz_release_id"])
    assert edition.group_id == fact["musicbrainz_release_group_id"]
    assert {name: getattr(edition, name) for name in fact["edition"]} == fact["edition"]


def test_one_more_time_has_a_link_on_every_platform() -> None:
    assert {link.source for link in BY_ID["one-more-time"].links} == set(get_args(Source))


def test_no_other_track_has_a_vendor_title() -> None:
    ours = {place.track.title for r in vendor.RELEASES for place in r.tracks if isinstance(place.track, TrackRecord)}
    assert not ours & {track.title for track in fictional_tracks()}


# -- the page about it


def test_documented_counts_are_the_true_ones() -> None:
    page = (ROOT / "docs/reference/sandbox.md").read_text()
    rows = re.findall(r"^\| ([A-Z][^|]*?) \| ([\d,]+) \|$", page, flags=re.MULTILINE)
    documented = {name: int(number.replace(",", "")) for name, number in rows}
    true = figures()
    assert len(true) >= 16
    assert documented == true, "\n".join(["the table should be", *(f"| {n} | {v:,} |" for n, v in true.items())])


def test_documented_ids_exist() -> None:
    page = (ROOT / "docs/reference/sandbox.md").read_text()
    known = {part.id for part in ALL if isinstance(part, get_args(AnyRecord))}
    named = set(re.findall(r"`([a-z]+(?:[-/][a-z0-9]+)+)`", page)) - {"sonograph/catalog/sandbox"}
    assert len(named) > 10
    assert named <= known
