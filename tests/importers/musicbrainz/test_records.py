"""Documents into records."""

from pathlib import Path
from typing import Any

import pytest

from sonograph.catalog.genre_names import canonical
from sonograph.catalog.importers.musicbrainz.countries import COUNTRIES, country_name
from sonograph.catalog.importers.musicbrainz.links import platform_link
from sonograph.catalog.importers.musicbrainz.media import medium_format
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    EditionRecord,
    GroupRecord,
    LabelRecord,
    Link,
    Place,
    Ref,
    ReleaseRecord,
    TrackRecord,
    WorkRecord,
)
from tests.importers.musicbrainz import dump
from tests.importers.musicbrainz.dump import BAND, EDITION, GROUP, GUEST, LABEL, OTHER_SONG, REMIXER, SONG, WORK, WRITER

BOATS = Ref(id=BAND, name="The Paper Boats")


def one(found: list[AnyRecord], kind: type[Any]) -> Any:
    chosen = [record for record in found if isinstance(record, kind)]
    assert len(chosen) == 1
    return chosen[0]


def track_of(path: Path, *, tags: bool = False, **members: Any) -> TrackRecord:
    found = dump.records(path, dump.release(media=[dump.medium(dump.recording(**members))]), tags=tags)
    record: TrackRecord = one(found, TrackRecord)
    return record


def credits_of(path: Path, *joined: dict[str, Any]) -> tuple[Credit, ...]:
    song = dump.recording(**{"artist-credit": list(joined)})
    record: TrackRecord = one(dump.records(path, dump.release(media=[dump.medium(song)])), TrackRecord)
    return record.artists


def release_of(path: Path, **members: Any) -> ReleaseRecord:
    record: ReleaseRecord = one(dump.records(path, dump.release(**members)), ReleaseRecord)
    return record


def edition_of(path: Path, **members: Any) -> EditionRecord:
    return release_of(path, **members).editions[0]


def test_release_is_its_recordings_then_the_group_with_one_edition(tmp_path: Path) -> None:
    first, last = dump.records(tmp_path, dump.release())
    assert first == TrackRecord(
        id=SONG,
        title="Lantern",
        artists=(Credit(artist=BOATS),),
        duration=215,
        links=(Link(source="musicbrainz", id=SONG),),
    )
    assert last == ReleaseRecord(
        id=EDITION,
        title="Harbour",
        artist=BOATS,
        group=GROUP,
        label=Ref(id=LABEL, name="Paper"),
        release_date="1999-03-08",
        catalog_no="PAPER 1",
        tracks=(Place(track=SONG, disc=1, number=1),),
        editions=(
            EditionRecord(
                source="musicbrainz",
                id=EDITION,
                group_id=GROUP,
                title="Harbour (first pressing)",
                kind="album",
                format="cd",
                official=True,
                release_date="1999-03-08",
                barcode="4006381333931",
                country="United Kingdom",
                label="Paper",
                catalog_no="PAPER 1",
                medium_count=1,
                track_count=1,
            ),
        ),
    )


def test_recording_on_two_discs_is_described_once(tmp_path: Path) -> None:
    media = [dump.medium(dump.recording()), dump.medium(dump.recording(), dump.recording(OTHER_SONG), position=2)]
    found = dump.records(tmp_path, dump.release(media=media))
    assert [record.id for record in found] == [SONG, OTHER_SONG, EDITION]
    assert [(p.track, p.disc, p.number) for p in one(found, ReleaseRecord).tracks] == [
        (SONG, 1, 1), (SONG, 2, 1), (OTHER_SONG, 2, 2),
    ]  # fmt: skip


def test_hidden_track_is_number_0_and_data_tracks_are_left_out(tmp_path: Path) -> None:
    disc = dump.medium(
        dump.recording(),
        pregap=dump.track(0, dump.recording(OTHER_SONG, "Hidden")),
        **{"data-tracks": [dump.track(2, dump.recording(dump.mbid(50), "[data track]"))]},
    )
    (item,) = dump.read(dump.plain(tmp_path / "dump", dump.release(media=[disc])))
    assert isinstance(item.record, ReleaseRecord)
    assert [(place.track, place.number) for place in item.record.tracks] == [(OTHER_SONG, 0), (SONG, 1)]
    assert item.tally == {"releases": 1, "tracks": 2, "data tracks": 1}


def test_join_phrases_names_as_credited_and_guests(tmp_path: Path) -> None:
    credited = credits_of(
        tmp_path,
        dump.credit(BAND, "The Paper Boats", " & ", credited_as="Paper Boats"),
        dump.credit(WRITER, "Ina Quill", " feat. "),
        dump.credit(GUEST, "Ola Finch", ""),
    )
    assert credited == (
        Credit(artist=BOATS, credited_as="Paper Boats", join_phrase=" & "),
        Credit(artist=Ref(id=WRITER, name="Ina Quill"), join_phrase=" feat. "),
        Credit(artist=Ref(id=GUEST, name="Ola Finch"), role="featured"),
    )


@pytest.mark.parametrize("join", [" feat. ", " ft. ", " Featuring ", " f. ", " with special guest ", " f/ "])
def test_join_phrases_that_make_a_guest(tmp_path: Path, join: str) -> None:
    credited = credits_of(tmp_path, dump.credit(BAND, "A", join), dump.credit(GUEST, "B"))
    assert [credit.role for credit in credited] == ["primary", "featured"]


@pytest.mark.parametrize(
    "join", [" & ", ", ", " / ", " vs. ", " with ", " presents ", " of ", " und sein Loft-Orchester "]
)
def test_join_phrases_that_make_none(tmp_path: Path, join: str) -> None:
    credited = credits_of(tmp_path, dump.credit(BAND, "A", join), dump.credit(GUEST, "B"))
    assert [credit.role for credit in credited] == ["primary", "primary"]


def test_related_artists_have_their_roles_once(tmp_path: Path) -> None:
    relations = [
        dump.by("remixer", REMIXER, "Kern", **{"target-credit": "DJ Kern"}),
        dump.by("producer", BAND, "The Paper Boats"),
        dump.by("vocal", BAND, "The Paper Boats"),  # who is credited sings
        dump.by("vocal", GUEST, "Ola Finch"),
        dump.by("vocal", GUEST, "Ola Finch"),
        dump.by("mastering", GUEST, "Ola Finch"),
        dump.relation("performance", "work", dump.work()),
    ]
    credited = track_of(tmp_path, relations=relations).artists
    assert [(c.artist.name, c.role, c.credited_as) for c in credited] == [
        ("The Paper Boats", "primary", None),
        ("Kern", "remixer", "DJ Kern"),
        ("The Paper Boats", "producer", None),
        ("Ola Finch", "performer", None),
        ("Ina Quill", "composer", None),
    ]


def test_several_isrcs_and_a_work_with_its_iswc(tmp_path: Path) -> None:
    song = dump.recording(
        isrcs=["GBABC9900001", "GBABC9900002", "GBABC9900001"],
        relations=[dump.relation("performance", "work", dump.work())] * 2,
    )
    found = dump.records(tmp_path, dump.release(media=[dump.medium(song)]))
    assert found[0] == WorkRecord(id=WORK, title="Lantern", iswcs=("T-000.000.001-0",))
    track = one(found, TrackRecord)
    assert (track.isrcs, track.works) == (("GBABC9900001", "GBABC9900002"), (WORK,))


def test_work_without_codes_in_the_document_is_left_to_its_own_file(tmp_path: Path) -> None:
    untold = dump.work()
    del untold["iswcs"]
    song = dump.recording(relations=[dump.relation("performance", "work", untold)])
    found = dump.records(tmp_path, dump.release(media=[dump.medium(song)]))
    assert [type(record) for record in found] == [TrackRecord, ReleaseRecord]
    assert one(found, TrackRecord).works == (WORK,)


@pytest.mark.parametrize(
    ("resource", "source", "found"),
    [
        ("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", "spotify", "4uLU6hMCjMI75M1A2tKUQC"),
        ("https://open.spotify.com/intl-de/track/4uLU6hMCjMI75M1A2tKUQC?si=x", "spotify", "4uLU6hMCjMI75M1A2tKUQC"),
        ("http://play.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", "spotify", "4uLU6hMCjMI75M1A2tKUQC"),
        ("https://music.apple.com/us/song/1440853", "applemusic", "1440853"),
        ("https://music.apple.com/gb/album/harbour/900?i=1440853", "applemusic", "1440853"),
        ("https://itunes.apple.com/us/album/id900?i=1440853", "applemusic", "1440853"),
        ("https://tidal.com/track/77640617", "tidal", "77640617"),
        ("https://listen.tidal.com/track/77640617", "tidal", "77640617"),
        ("https://tidal.com/browse/track/77640617", "tidal", "77640617"),
        ("https://www.beatport.com/track/lantern/9876543", "beatport", "9876543"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ"),
        ("https://music.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ"),
    ],
)
def test_hosts_of_platforms(resource: str, source: str, found: str) -> None:
    link = platform_link(resource)
    assert link is not None
    assert (link.source, link.id) == (source, found)


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "not a url",
        "https://open.spotify.com/album/4uLU6hMCjMI75M1A2tKUQC",
        "https://music.apple.com/us/album/900",
        "https://music.apple.com/us/music-video/1440853",
        "https://example-spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
        "https://www.deezer.com/track/3135556",
        "https://[half.youtube.com/watch?v=dQw4w9WgXcQ",
    ],
)
def test_pages_that_are_no_recording_of_a_known_platform(resource: str) -> None:
    assert platform_link(resource) is None


def test_links_that_have_ended_lead_nowhere(tmp_path: Path) -> None:
    relations = [
        dump.url("https://tidal.com/track/1"),
        dump.url("https://tidal.com/track/2", ended=True),
    ]
    assert [link.id for link in track_of(tmp_path, relations=relations).links] == [SONG, "1"]


def test_genres_are_read_on_request_only_most_votes_first(tmp_path: Path) -> None:
    votes = {"house": 1, "techno": 4, "jazz": 0, "seen live": 9}
    genres = [{"name": name, "count": count} for name, count in votes.items()]
    assert track_of(tmp_path, genres=genres).genres == ()
    assert track_of(tmp_path, genres=genres, tags=True).genres == (canonical("techno"), canonical("house"))


@pytest.mark.parametrize(
    ("length", "seconds"), [(None, None), (0, None), (-5, None), (499, None), (500, 1), (215_499, 215), (2**60, None)]
)
def test_lengths_are_rounded_to_seconds(tmp_path: Path, length: int | None, seconds: int | None) -> None:
    assert track_of(tmp_path, length=length).duration == seconds


@pytest.mark.parametrize(
    ("primary", "secondary", "kind"),
    [
        ("Album", [], "album"),
        ("EP", [], "ep"),
        ("Single", ["Remix"], "remix"),
        ("Album", ["Compilation", "Live"], "live"),
        ("Album", ["Compilation", "Soundtrack"], "soundtrack"),
        ("Album", ["Compilation", "DJ-mix"], "compilation"),
        ("Album", ["Mixtape/Street"], "album"),
        ("Broadcast", [], "other"),
        (None, [], None),
    ],
)
def test_kinds(tmp_path: Path, primary: str | None, secondary: list[str], kind: str | None) -> None:
    typed = dump.group(**{"primary-type": primary, "secondary-types": secondary})
    assert edition_of(tmp_path, **{"release-group": typed}).kind == kind


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["CD"], "cd"), (["CD-R"], "cd"), (["Enhanced CD"], "cd"), (["Hybrid SACD (CD layer)"], "cd"),
        (["8cm CD"], "cd"), (["SHM-CD"], "cd"), (["Copy Control CD"], "cd"), (["HDCD"], "cd"), (["Blu-spec CD"], "cd"),
        (["Vinyl"], "vinyl"), (['7" Vinyl'], "vinyl"), (['7" Flexi-disc'], "vinyl"), (["Acetate"], "vinyl"),
        (["Cassette"], "cassette"), (["Microcassette"], "cassette"), (["Digital Media"], "digital"),
        (["DVD"], "dvd"), (["DVD-Video"], "dvd"), (["DVD-Audio"], "dvd"), (["HD-DVD"], "dvd"),
        (["Blu-ray"], "other"), (["VCD"], "other"), (["SVCD"], "other"), (["DualDisc (CD side)"], "other"),
        (["VHS"], "other"), (['10" Shellac'], "other"), (["A format of tomorrow"], "other"),
        (["CD", "Enhanced CD"], "cd"), (["CD", "DVD"], "mixed"), (["CD", None], "cd"), ([None], None), ([], None),
    ],
)  # fmt: skip
def test_formats(names: list[str | None], found: str | None) -> None:
    assert medium_format(names) == found


@pytest.mark.parametrize(
    ("status", "official"),
    [("Official", True), ("Promotion", None), ("Bootleg", False), ("Pseudo-Release", False), (None, None)],
)
def test_status(tmp_path: Path, status: str | None, official: bool | None) -> None:  # noqa: FBT001 - a parameter of pytest
    assert edition_of(tmp_path, status=status).official is official


def test_labels_numbers_and_those_that_say_that_there_is_none(tmp_path: Path) -> None:
    no_label = {"id": "157afde4-4bf5-4039-8ad2-5a15acc85176", "name": "[no label]"}
    said = [
        {"catalog-number": "SELF 1", "label": no_label},
        {"catalog-number": "[none]", "label": {"id": LABEL, "name": "Paper"}},
        {"catalog-number": "P 2", "label": {"id": LABEL, "name": "Paper"}},
        {"catalog-number": None, "label": None},
    ]
    record = release_of(tmp_path, **{"label-info": said})
    assert (record.label, record.catalog_no) == (Ref(id=LABEL, name="Paper"), None)
    assert (record.editions[0].label, record.editions[0].catalog_no) == ("Paper", "SELF 1 / P 2")
    record = release_of(tmp_path, **{"label-info": said[:1]})
    assert (record.label, record.catalog_no) == (None, "SELF 1")


@pytest.mark.parametrize("date", ["1999", "1999-03", "1999-03-08"])
def test_dates_keep_their_precision(tmp_path: Path, date: str) -> None:
    assert release_of(tmp_path, date=date).release_date == date


def test_release_without_group_date_country_barcode_or_media(tmp_path: Path) -> None:
    bare = {"release-group": None, "date": "", "country": None, "barcode": "", "media": None, "release-events": None}
    record = release_of(tmp_path, **bare)
    edition = record.editions[0]
    assert (record.title, record.group, record.release_date, record.tracks) == (
        "Harbour (first pressing)",
        None,
        None,
        (),
    )
    assert (edition.country, edition.barcode, edition.kind, edition.format, edition.medium_count) == (None,) * 5


def test_countries() -> None:
    assert country_name("GB") == "United Kingdom"
    assert country_name("XW") == "Worldwide"
    assert country_name("SU") == "Soviet Union"
    assert country_name("XU") is country_name("") is country_name(None) is None
    assert len(COUNTRIES) == 249 + 9
    assert all(len(code) == 2 and code.isupper() and name[0].isupper() for code, name in COUNTRIES.items())


def test_region_without_a_code_is_named_by_its_area(tmp_path: Path) -> None:
    event = {"date": "1999", "area": {"name": "Catalonia"}}
    assert edition_of(tmp_path, country=None, **{"release-events": [event]}).country == "Catalonia"


def test_artist(tmp_path: Path) -> None:
    said = dump.artist(
        aliases=[{"name": "Paper Boats"}, {"name": "The Paper Boats"}, {"name": "Бумажные кораблики"}, {"name": None}],
        relations=[
            dump.url("https://www.wikidata.org/wiki/Q4242"),
            dump.url("https://www.instagram.com/paperboats/"),
            dump.url("https://twitter.com/oldboats", ended=True),
            dump.url("https://paperboats.example/"),
        ],
        **{"life-span": {"begin": "1996-05", "end": None, "ended": False}},
    )
    assert dump.records(tmp_path, said) == [
        ArtistRecord(
            id=BAND,
            name="The Paper Boats",
            aliases=("Paper Boats", "Бумажные кораблики"),
            country="United Kingdom",
            formation_date="1996-05",
            social_links={"instagram": "paperboats", "website": "https://paperboats.example/"},
            wikidata_id="Q4242",
            musicbrainz_id=BAND,
        )
    ]


@pytest.mark.parametrize(
    ("kind", "formed"),
    [("Group", "1970"), ("Orchestra", "1970"), ("Choir", "1970"), ("Person", None), ("Character", None), (None, None)],
)
def test_people_are_born_and_not_formed(tmp_path: Path, kind: str | None, formed: str | None) -> None:
    said = dump.artist(type=kind, **{"life-span": {"begin": "1970", "end": None, "ended": False}})
    assert one(dump.records(tmp_path, said), ArtistRecord).formation_date == formed


def test_label_work_recording_and_group_files(tmp_path: Path) -> None:
    assert dump.records(tmp_path, dump.label(aliases=[{"name": "Paper Records"}])) == [
        LabelRecord(id=LABEL, name="Paper", aliases=("Paper Records",))
    ]
    assert dump.records(tmp_path, dump.work()) == [WorkRecord(id=WORK, title="Lantern", iswcs=("T-000.000.001-0",))]
    assert [record.id for record in dump.records(tmp_path, dump.recording())] == [SONG]
    assert dump.records(tmp_path, dump.group()) == [GroupRecord(id=GROUP, release_date="1999-03-08")]
