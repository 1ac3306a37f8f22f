"""Every rule by which Discogs XML is read, each on a few lines of XML."""

from pathlib import Path

import pytest
from lxml import etree

from sonograph.catalog.importers.discogs import read_discogs
from sonograph.catalog.importers.discogs.credits import artist_credits, roles, tracks_in_range
from sonograph.catalog.importers.discogs.people import read_artist, read_label, social_links
from sonograph.catalog.importers.discogs.positions import numbers
from sonograph.catalog.importers.discogs.videos import Sought, match_videos, read_videos
from sonograph.catalog.importers.items import Item
from sonograph.catalog.importers.source_file import open_source
from sonograph.catalog.records import ArtistRecord, GroupRecord, LabelRecord, Link, Ref, ReleaseRecord, TrackRecord

ARTIST = "<artists><artist><id>1</id><name>One</name></artist></artists>"


def items(tmp_path: Path, text: str) -> list[Item]:
    path = tmp_path / "file.xml"
    path.write_text(text, encoding="utf-8")
    with open_source(path) as file:
        return list(read_discogs(file, 0))


def element(text: str) -> etree._Element:
    return etree.fromstring(text)


def release(
    tmp_path: Path, inside: str = "", tracklist: str = "", artists: str = ARTIST, number: str = "7"
) -> tuple[ReleaseRecord, list[TrackRecord], Item]:
    (item,) = items(
        tmp_path,
        f'<releases><release id="{number}">{artists}<title>Title</title>{inside}'
        f"<tracklist>{tracklist}</tracklist></release></releases>",
    )
    assert isinstance(item.record, ReleaseRecord), item.rejection
    return item.record, [place.track for place in item.record.tracks if isinstance(place.track, TrackRecord)], item


def row(position: str, title: str = "Song", inside: str = "", duration: str = "") -> str:
    return (
        f"<track><position>{position}</position><title>{title}</title><duration>{duration}</duration>{inside}</track>"
    )


def extra(source_id: str, role: str, tracks: str = "") -> str:
    return f"<artist><id>{source_id}</id><name>E{source_id}</name><role>{role}</role><tracks>{tracks}</tracks></artist>"


def credited(track: TrackRecord) -> list[tuple[str, str]]:
    return [(credit.artist.id, credit.role) for credit in track.artists]


def test_names_joins_and_guests() -> None:
    artists = element(
        "<artists>"
        "<artist><id>1</id><name>One (2)</name><anv>Uno</anv><join>,</join></artist>"
        "<artist><id>2</id><name>Two</name><anv>Two</anv><join>Feat.</join></artist>"
        "<artist><id>3</id><name>Three</name><join>&amp;</join></artist>"
        "<artist><id>4</id><name>Four</name><join>/</join></artist>"
        "<artist><id>5</id><name>Five</name><join>,</join></artist>"
        "<artist><id/><name>Nobody</name></artist>"
        "</artists>"
    )
    assert [(c.artist.name, c.credited_as, c.role, c.join_phrase) for c in artist_credits(artists)] == [
        ("One", "Uno", "primary", ", "),
        ("Two", None, "primary", " Feat. "),
        ("Three", None, "featured", " & "),
        ("Four", None, "featured", " / "),
        ("Five", None, "primary", None),
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Remix", ["remixer"]),
        ("Remix [Additional], Producer, Engineer", ["remixer", "producer"]),
        ("Co-producer, Remix", ["producer", "remixer"]),
        ("Written-By, Composed By [Music, Words]", ["composer"]),
        ("Featuring", ["featured"]),
        ("Vocals [Lead, Backing]", ["performer"]),
        ("Conductor", ["conductor"]),
        ("Executive-Producer", []),
        ("Producer [unclosed", ["producer"]),
        ("", []),
    ],
)
def test_roles(text: str, kept: list[str]) -> None:
    assert roles(text) == kept


def test_credits_of_tracks_and_ranges_of_the_release(tmp_path: Path) -> None:
    extras = extra("2", "Producer") + extra("3", "Remix", "1 to 2, 4") + extra("4", "Featuring", "the last")
    tracklist = "".join(
        (
            row("1", inside=f"<extraartists>{extra('5', 'Remix')}{extra('1', 'Vocals')}</extraartists>"),
            row("2", inside="<artists><artist><id>6</id><name>Own</name></artist></artists>"),
            row("3"),
            row("4"),
        )
    )
    _, tracks, item = release(tmp_path, f"<extraartists>{extras}</extraartists>", tracklist)
    assert [credited(track) for track in tracks] == [
        [("1", "primary"), ("5", "remixer"), ("2", "producer"), ("3", "remixer")],
        [("6", "primary"), ("2", "producer"), ("3", "remixer")],
        [("1", "primary"), ("2", "producer")],
        [("1", "primary"), ("2", "producer"), ("3", "remixer")],
    ]
    assert [flag.message for flag in item.flags] == ["credit for unknown tracks: 'the last'"]


@pytest.mark.parametrize(
    ("text", "indexes"),
    [
        ("A1 to B1", {0, 1, 2}),
        ("A1, A2 to B1", {0, 1, 2}),
        ("A", {0, 1}),
        ("A, B2", {0, 1, 3}),
        ("A1-B1", {0, 1, 2}),
        ("A1-2", {0, 1}),
        ("a1 - b2", {0, 1, 2, 3}),
        ("(tracks: A1, B2)", {0, 3}),
        ("B1 to A1", None),
        ("7", None),
    ],
)
def test_ranges_of_sides(text: str, indexes: set[int] | None) -> None:
    assert tracks_in_range(text, ["A1", "A2", "B1", "B2"]) == indexes


def test_ranges_of_discs_and_parts() -> None:
    assert tracks_in_range("1-1 to 2-1", ["1-1", "1-2", "2-1", "2-2"]) == {0, 1, 2}
    assert tracks_in_range("CD1-01 to CD2-1", ["CD1-1", "CD1-2", "CD2-1"]) == {0, 1, 2}
    assert tracks_in_range("1-1", ["1-1", "1-2"]) == {0}
    assert tracks_in_range("1, 3 to 5", [str(n) for n in range(1, 8)]) == {0, 2, 3, 4}


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        (["A", "B1", "B2", "C1", "D"], [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]),
        (["A1", "AA1", "AA2"], [(1, 1), (1, 2), (1, 3)]),
        (["Y1", "Z1", "AA1", "AB1"], [(13, 1), (13, 2), (14, 1), (14, 2)]),
        (["1", "2", "3"], [(1, 1), (1, 2), (1, 3)]),
        (["1", "3"], [(1, 1), (1, 3)]),
        (["1a", "1b", "2"], [(1, 1), (1, 2), (1, 3)]),
        (["1-1", "1-2", "2-05"], [(1, 1), (1, 2), (2, 5)]),
        (["1.01", "1.02", "2.01"], [(1, 1), (1, 2), (2, 1)]),
        (["CD1-1", "CD2-1", "CD2-Video"], [(1, 1), (2, 1), (2, 2)]),
        (["CD1", "CD2", "DVD1"], [(1, 1), (1, 2), (2, 1)]),
        (["A1", "B1", "CD1", "CD2"], [(1, 1), (1, 2), (2, 1), (2, 2)]),
        (["LP-A1", "LP-B1", "CD-1"], [(1, 1), (1, 2), (2, 1)]),
        (["A.1", "A.2", "B. 1"], [(1, 1), (1, 2), (1, 3)]),
        (["I", "II", "III"], [(1, 1), (1, 2), (1, 3)]),
        (["1", "Video"], [(1, 1), (None, None)]),
        (["1", "1"], [(1, 1), (1, 2)]),
        (["1-99999"], [(1, None)]),
        (["", "\u0663"], [(None, None), (None, None)]),
    ],
)
def test_positions(positions: list[str], expected: list[tuple[int | None, int | None]]) -> None:
    assert [tuple(number) for number in numbers(positions)] == expected


def test_headings_and_parts_are_no_tracks_and_keys_are_release_and_position(tmp_path: Path) -> None:
    parts = f"<sub_tracks>{row('1a')}{row('1b')}</sub_tracks>"
    tracklist = (
        row("", "Side one") + row("A") + row("A", "Other") + row("", "Suite", parts) + row("B-2", "", "", "1:02:03")
    )
    _, tracks, item = release(tmp_path, tracklist=tracklist)
    assert {name: item.tally[name] for name in ("tracks", "headings", "parts")} == {
        "tracks": 3,
        "headings": 2,
        "parts": 2,
    }
    assert [track.id for track in tracks] == ["7-A", "7-A~2", "7-B-2"]
    assert [track.links for track in tracks] == [
        (Link(source="discogs", id="7-A"),), (Link(source="discogs", id="7-A"),), (Link(source="discogs", id="7-B-2"),),
    ]  # fmt: skip
    assert (tracks[2].title, tracks[2].duration) == ("[untitled]", 3723)


def test_various_artists_have_tracks_of_others(tmp_path: Path) -> None:
    various = "<artists><artist><id>194</id><name>Various</name></artist></artists>"
    record, tracks, item = release(tmp_path, tracklist=row("1", inside=ARTIST) + row("2"), artists=various)
    assert record.artist == Ref(id="194", name="Various Artists")
    assert [credited(track) for track in tracks] == [[("1", "primary")], [("194", "primary")]]
    assert item.tally["tracks of Various Artists without an artist"] == 1


def test_labels_and_their_numbers(tmp_path: Path) -> None:
    labels = (
        '<labels><label id="3" name="Not On Label (One Self-released)" catno="none"/>'
        '<label id="1" name="First (4)" catno="F 1"/><label id="1" name="First (4)" catno="F1"/>'
        '<label id="2" name="Second" catno="none"/></labels>'
    )
    record, _, _ = release(tmp_path, labels)
    assert (record.label, record.catalog_no) == (Ref(id="1", name="First"), "F 1")
    assert (record.editions[0].label, record.editions[0].catalog_no) == ("First / Second", "F 1 / F1")
    record, _, _ = release(tmp_path, '<labels><label id="3" name="Not On Label" catno="X 1"/></labels>')
    assert (record.label, record.catalog_no, record.editions[0].label) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1999-03-00", "1999-03"), ("1999-00-00", "1999"), ("1999", "1999"), ("1999-03-12", "1999-03-12"),
        ("0000", None), ("", None), ("?", "?"),
    ],
)  # fmt: skip
def test_partial_dates(tmp_path: Path, text: str, date: str | None) -> None:
    record, _, _ = release(tmp_path, f"<released>{text}</released>")
    assert record.release_date == record.editions[0].release_date == date


def test_master_is_the_group(tmp_path: Path) -> None:
    record, _, _ = release(tmp_path, '<master_id is_main_release="true">5</master_id>')
    assert (record.group, record.main, record.editions[0].group_id) == ("m5", True, "5")
    record, _, _ = release(tmp_path, "<master_id>0</master_id>")
    assert (record.group, record.main, record.editions[0].group_id) == (None, False, None)
    (item,) = items(
        tmp_path,
        '<masters><master id="5"><year>1987</year><genres><genre>Electronic</genre></genres>'
        "<styles><style>Deep House</style></styles></master></masters>",
    )
    assert item.record == GroupRecord(id="m5", release_date="1987", genres=(102,))


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        ('<format name="Vinyl" qty="2"><description>LP</description></format>', ("vinyl", "album", True, 2)),
        ('<format name="CDr" qty="1"><description>Promo</description></format>', ("cd", None, None, 1)),
        (
            (
                '<format name="CD" qty="2"><description>Compilation</description><description>Unofficial Release'
                '</description></format><format name="DVD" qty="1"/><format name="Box Set" qty="1"/>'
            ),
            ("mixed", "compilation", False, 3),
        ),
        ('<format name="File" qty="12"><description>EP</description></format>', ("digital", "ep", True, 1)),
        (
            '<format name="Shellac" qty="x"><description>Maxi-Single</description></format>',
            ("other", "single", True, 1),
        ),
        ("", (None, None, None, None)),
    ],
)
def test_formats(tmp_path: Path, formats: str, expected: tuple[object, ...]) -> None:
    record, _, _ = release(tmp_path, f"<formats>{formats}</formats>")
    edition = record.editions[0]
    assert (edition.format, edition.kind, edition.official, edition.medium_count) == expected


def test_barcodes(tmp_path: Path) -> None:
    def barcode(*values: str) -> str | None:
        given = "".join(f'<identifier type="Barcode" value="{value}"/>' for value in values)
        record, _, _ = release(tmp_path, f"<identifiers>{given}</identifiers>")
        return record.editions[0].barcode

    assert barcode("4 006381 333932", "4 006381 333931 &gt;") == "4006381333931"
    assert barcode("4 006381 333932") == "4 006381 333932"
    assert barcode("none") == "none"
    assert barcode() is None


def test_styles_are_genres_of_the_tracks(tmp_path: Path) -> None:
    inside = "<genres><genre>Electronic</genre></genres><styles><style>Deep House</style><style>Techno</style></styles>"
    _, tracks, _ = release(tmp_path, inside, row("1"))
    assert tracks[0].genres == (102, 201)
    _, tracks, _ = release(tmp_path, "<genres><genre>Hip Hop</genre></genres>", row("1"))
    assert tracks[0].genres == (1700,)


def video(youtube_id: str, title: str, duration: int = 0) -> str:
    source = f"https://www.youtube.com/watch?v={youtube_id}"
    return f'<video src="{source}" duration="{duration}"><title>{title}</title></video>'


@pytest.mark.parametrize(
    ("videos", "tracks", "expected"),
    [
        (["One - Sun Down"], [("Sun Down", None), ("Sun", None)], {0: 0}),  # the longest title
        ([("One - Sun (Official Video)", 200)], [("Sun", 204)], {0: 0}),
        ([("One - Sun", 200)], [("Sun", 240)], {}),  # too far apart
        (["One - Sun (X Remix)"], [("Sun", None)], {}),  # another version
        (["One - Sun (X Remix)"], [("Sun", None), ("Sun (X Remix)", None)], {1: 0}),
        (["One - Sun"], [("Sun", None), ("Sun", None)], {}),  # which of them?
        ([("One - Sun", 300)], [("Sun", 200), ("Sun", 301)], {1: 0}),
        (["Sun of a Gun by Somebody Else"], [("Sun", None)], {}),  # too many other words
        ([("Sunflowers at midnight live from nowhere", 200)], [("Sunflowers", 200)], {}),  # live
        ([("Sunflowers at midnight", 200)], [("Sunflowers", 200)], {0: 0}),  # both durations
        ([("Sun at midnight", 200)], [("Sun", 200)], {}),  # a word too short to tell
        ([("One - Sun", 209), ("Sun - One", 201)], [("Sun", 200)], {0: 1}),  # the nearest
        (["One - Title"], [("", None)], {}),
    ],
)
def test_videos(
    videos: list[str | tuple[str, int]], tracks: list[tuple[str, int | None]], expected: dict[int, int]
) -> None:
    given = [(made, 0) if isinstance(made, str) else made for made in videos]
    texts = [video(f"{n:011}", title, duration) for n, (title, duration) in enumerate(given)]
    read = read_videos(list(element(f"<videos>{''.join(texts)}</videos>")))
    sought = [Sought(title, ("One",), duration) for title, duration in tracks]
    found = match_videos(read, sought, frozenset(["title"]))
    assert found == {track: f"{number:011}" for track, number in expected.items()}


def test_videos_become_links_and_no_video_has_two_tracks(tmp_path: Path) -> None:
    videos = video("aaaaaaaaaaa", "One - Song") + video("aaaaaaaaaaa", "One - Other") + video("short", "One - Other")
    _, tracks, item = release(tmp_path, f"<videos>{videos}</videos>", row("1") + row("2", "Other"))
    assert [link.id for track in tracks for link in track.links if link.source == "youtube"] == ["aaaaaaaaaaa"]
    assert item.tally["videos linked"] == 1


def test_artists() -> None:
    artist = read_artist(
        element(
            "<artist><id>3</id><name>Josh Wink (2)</name><urls><url>http://www.facebook.com/JoshWink</url>"
            "<url>https://www.wikidata.org/wiki/Q123</url>"
            "<url>https://musicbrainz.org/artist/056E4F3E-d505-4dad-8ec1-d04f521cbb56</url></urls>"
            "<namevariations><name>Wink</name><name>Wink</name><name>J. Wink</name></namevariations>"
            '<aliases><name id="9">Winc</name></aliases></artist>'
        )
    )
    assert artist == ArtistRecord(
        id="3", name="Josh Wink", aliases=("Wink", "J. Wink"), social_links={"facebook": "JoshWink"},
        wikidata_id="Q123", musicbrainz_id="056e4f3e-d505-4dad-8ec1-d04f521cbb56",
    )  # fmt: skip
    assert read_label(element("<label><id>1</id><name>Planet E (3)</name></label>")) == LabelRecord(
        id="1", name="Planet E"
    )


def test_links_of_artists() -> None:
    urls = [
        "http://www.wink.com/", "http://www.ovum.com/", "http://twitter.com/@wink1", "https://wink.bandcamp.com",
        "http://www.facebook.com/pages/Wink/123", "http://www.facebook.com/second", "soundcloud.com/wink",
        "https://open.spotify.com/artist/1", "http://[broken", "", "http://www.discogs.com/user/x", "mailto:x@y.z",
        "https://en.wikipedia.org/wiki/Wink", "x" * 600,
    ]  # fmt: skip
    assert social_links(urls) == {
        "website": "http://www.wink.com/",
        "twitter": "wink1",
        "bandcamp": "wink",
        "facebook": "http://www.facebook.com/pages/Wink/123",
        "soundcloud": "wink",
        "spotify": "https://open.spotify.com/artist/1",
        "wikipedia": "https://en.wikipedia.org/wiki/Wink",
    }


def test_nested_labels_are_no_labels(tmp_path: Path) -> None:
    found = items(
        tmp_path, "<labels><label><id>1</id><name>L</name><sublabels><label/><label/></sublabels></label></labels>"
    )
    assert [item.record for item in found] == [LabelRecord(id="1", name="L")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<releases><release id="1"><title>T</title></release></releases>', "release without an artist"),
        (f'<releases><release id="1">{ARTIST}</release></releases>', "release without a title"),
        (f"<releases><release>{ARTIST}</release></releases>", "release without a number"),
        ("<artists><artist><id>1</id></artist></artists>", "artist without a name"),
        ("<labels><label><name>x</name></label></labels>", "label without an id"),
        ("<masters><master/></masters>", "master without a number"),
    ],
)
def test_what_makes_no_record_is_rejected_with_its_text(tmp_path: Path, text: str, reason: str) -> None:
    (item,) = items(tmp_path, text)
    assert item.record is None
    assert item.rejection
    assert item.rejection.reason == reason
    assert item.rejection.text in text
