"""Recordings are found however they are written, in the right tier, and nothing is found that is not meant."""

import asyncpg
import pytest

from sonograph.catalog.records import ArtistRecord, Credit, RedirectRecord, Ref, TrackRecord
from sonograph.catalog.typos import all_typo_hashes, title_signature, typo_hashes
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from tests.search.conftest import Ask

SEARCH = """query ($artist: String!, $title: String!, $first: Int = 20, $after: String) {
  searchTracks(artist: $artist, title: $title, first: $first, after: $after) {
    edges { match { tier score } node { databaseId title artistCredit popularity } } nextCursor totalCount } }"""

# (artist asked, title asked, tier, title found)
FOUND = [
    ("Daft Punk", "One More Time", "EXACT", "One More Time"),
    ("DAFT PUNK", "one more time!", "EXACT", "One More Time"),
    ("Punk Daft", "Time One More", "EXACT", "One More Time"),
    ("Daft Punk", "One More Time (Radio Edit)", "EXACT", "One More Time (Radio Edit)"),
    ("Daft Punk", "One More Time [Radio Edit]", "EXACT", "One More Time (Radio Edit)"),
    ("Daft Punk", "Aerodynamic (Extended Mix)", "RECORDING", "Aerodynamic"),
    ("Daft Punk", "Aerodynamic (Slum Village Remix)", "SONG", "Aerodynamic"),
    ("Cornershop", "Brimful of Asha", "EXACT", "Brimful of Asha"),
    ("Cornershop", "Brimful of Asha (Norman Cook Remix)", "EXACT", "Brimful of Asha (Norman Cook Remix)"),
    ("Cornershop", "Brimful of Asha - Norman Cook Remix", "EXACT", "Brimful of Asha (Norman Cook Remix)"),
    ("Cornershp", "Brimful of Asha (Norman Cook Remix)", "SIMILAR", "Brimful of Asha (Norman Cook Remix)"),
    ("Cornershop", "Brimful of Asha (Norman Coo", "SIMILAR", "Brimful of Asha (Norman Cook Remix)"),
    ("Chemical Brothers", "Galvanize {ft Q-Tip}", "EXACT", "Galvanize"),
    ("Q-Tip", "Galvanize", "EXACT", "Galvanize"),
    ("The Chemical Brothers vs Q-Tip", "Galvanize", "EXACT", "Galvanize"),
    ("Chemical Brothers x Q-Tip", "GALVANIZE [RADIO EDIT]", "RECORDING", "Galvanize"),
    ("GREEN DAY", "HOLIDAY {FEAT CHROME}", "EXACT", "Holiday"),
    ("Beatles", "Help", "EXACT", "Help!"),
    ("The Beatles", "Yesterday (Remastered 2011)", "EXACT", "Yesterday"),
    ("The Beatles", "Yesterday (1965)", "EXACT", "Yesterday"),
    ("Beatles, The", "Let It Be", "EXACT", "Let It Be - Remastered 2009"),
    ("TheBeatles", "Yesterday", "SIMILAR", "Yesterday"),
    ("Teh Beatles", "Yesterday", "SIMILAR", "Yesterday"),
    ("Simon and Garfunkel", "America", "EXACT", "America"),
    ("Garfunkel", "America", "EXACT", "America"),
    ("Daft Punk", "Daft Punk - One More Time", "SPLIT", "One More Time"),
    ("Radio 1", "Daft Punk - One More Time", "SPLIT", "One More Time"),
    ("Daft Punk - One More Time", "now playing", "SPLIT", "One More Time"),
    ("Radio 1", "Daft Pnuk - One More Tiem", "SIMILAR", "One More Time"),
    ("Daft Pnuk", "One More Time", "SIMILAR", "One More Time"),
    ("Draft Punk", "One More Tmie", "SIMILAR", "One More Time"),
    ("Daftpunk", "OneMore Time", "SIMILAR", "One More Time"),
    ("Daft Punk", "Harder, Better, Faster, Str", "SIMILAR", "Harder, Better, Faster, Stronger"),
    ("One More Time", "Daft Punk", "SWAPPED", "One More Time"),
    ("One More Tiem", "Daft Punk", "SWAPPED_SIMILAR", "One More Time"),
    ("Bowie", "Heroes", "WORDS", "Heroes"),
    ("Heroes Bowie", "David", "WORDS", "Heroes"),
    ("Кино", "Группа крови", "EXACT", "Группа крови"),
    ("Kino", "Gruppa krovi", "EXACT", "Группа крови"),
    ("Кинно", "Группа кроваи", "SIMILAR", "Группа крови"),
    ("初音ミク", "千本桜", "EXACT", "千本桜"),
    ("BEYONCE", "Deja Vu", "EXACT", "Déjà Vu"),
    ("BeyoncÃ©", "DÃ©jÃ\u00a0 Vu", "EXACT", "Déjà Vu"),
    ("Beyoncé", "Hallo", "SIMILAR", "Halo"),
    ("U2", "One", "EXACT", "One"),
    ("!!!", "heart of hearts", "EXACT", "Heart of Hearts"),
    ("! ! !", "Heart of Hearst", "SIMILAR", "Heart of Hearts"),
    ("!!!", "? ? ?", "EXACT", "???"),
    ("???", "!!!", "SWAPPED", "???"),
    ("x", "!!! - ???", "SPLIT", "???"),
    ("+/-", "All I Do", "EXACT", "All I Do"),
    ("∆", "÷", "EXACT", "÷"),
    ("∆", "†††", "EXACT", "†††"),
]

# Nothing of this is in the catalog, though something like it is.
ABSENT = [
    ("Draft Bunk", "Something Else"),
    ("Nobody Known", "One More Time"),
    ("U3", "One"),
    ("Suns", "Halo"),
    ("Daft Punk", "Zebra Crossing"),
    ("🔥", "🔥"),
    ("!!!", "!!!"),
    ("÷", "???"),
]


@pytest.mark.parametrize(("artist", "title", "tier", "found"), FOUND)
async def test_the_first_answer_and_its_tier(ask: Ask, artist: str, title: str, tier: str, found: str) -> None:
    first, *_ = (await ask(SEARCH, artist=artist, title=title))["searchTracks"]["edges"]
    assert (first["node"]["title"], first["match"]["tier"]) == (found, tier)
    assert 0 < first["match"]["score"] <= 1


@pytest.mark.parametrize(("artist", "title"), ABSENT)
async def test_a_miss_is_a_miss(ask: Ask, artist: str, title: str) -> None:
    assert (await ask(SEARCH, artist=artist, title=title))["searchTracks"] == {
        "edges": [], "nextCursor": None, "totalCount": 0,
    }  # fmt: skip


async def test_asked_for_the_original_remixes_come_behind(ask: Ask) -> None:
    edges = (await ask(SEARCH, artist="Cornershop", title="Brimful of Asha"))["searchTracks"]["edges"]
    assert [edge["node"]["title"] for edge in edges] == ["Brimful of Asha", "Brimful of Asha (Norman Cook Remix)"]


async def test_asked_for_the_original_no_remix_comes_first_and_the_nearest_version_does(ask: Ask) -> None:
    edges = (await ask(SEARCH, artist="Daft Punk", title="One More Time"))["searchTracks"]["edges"]
    assert [edge["node"]["title"] for edge in edges] == ["One More Time", "One More Time (Radio Edit)"]
    assert edges[0]["node"]["popularity"] < edges[1]["node"]["popularity"]
    assert edges[0]["match"]["score"] == 1 > edges[1]["match"]["score"]


@pytest.mark.parametrize(
    ("artist", "title", "tiers", "count"),
    [
        ("Cornershop", "Brimful of Asha", ["EXACT", "SONG"], 2),
        ("Daft Punk", "One More Time (Club Mix)", ["RECORDING"], 2),
        ("Green Dale", "Sunrise Anthem", ["SIMILAR", "WORDS"], 60),
        ("sunrise", "green dale", ["WORDS"], 60),
        # "Sunrise Anthem" by Green Dale 5 has all these words, but what fits is found already.
        ("Anthem 5", "Sunrise Green Dale 5", ["EXACT"], 1),
        ("Anthem 5", "Anthem 5 - Sunrise Green Dale 5", ["SPLIT"], 1),
        ("Sunrise Green Dale 5", "Anthem 5", ["SWAPPED"], 1),
        ("Dale 5", "Sunrise Anthem Green", ["WORDS"], 2),
    ],
)
async def test_all_tiers_are_paged_through_once_and_in_order(
    ask: Ask, artist: str, title: str, tiers: list[str], count: int
) -> None:
    asked = {"artist": artist, "title": title}
    whole = (await ask(SEARCH, first=100, **asked))["searchTracks"]
    assert list(dict.fromkeys(edge["match"]["tier"] for edge in whole["edges"])) == tiers
    assert whole["totalCount"] == len(whole["edges"]) == count
    for size in (1, 2, 7):
        seen, after = [], None
        while True:
            page = (await ask(SEARCH, first=size, after=after, **asked))["searchTracks"]
            seen += page["edges"]
            after = page["nextCursor"]
            if after is None:
                break
        assert seen == whole["edges"]


async def test_popularity_decides_among_equals(ask: Ask) -> None:
    edges = (await ask(SEARCH, artist="sunrise", title="green dale", first=100))["searchTracks"]["edges"]
    assert len(edges) == 60
    scored = [(-edge["match"]["score"], -edge["node"]["popularity"]) for edge in edges]
    assert scored == sorted(scored)


async def hits(catalog: asyncpg.Connection, key: str) -> int:
    count: int = await catalog.fetchval(
        "select count(distinct artist_id) from artist_typo where hash = any($1)", typo_hashes(key)
    )
    return count


async def test_typing_errors_are_keyed_anew_with_the_name(catalog: asyncpg.Connection) -> None:
    async def write(*records: ArtistRecord | RedirectRecord | TrackRecord) -> None:
        assert not (await write_records(catalog, OriginId.JSONL, records, 10)).problems

    await write(ArtistRecord(id="x", name="Xylophonia"), ArtistRecord(id="y", name="Zanzibarum"))
    assert await hits(catalog, "xylofonia") == 0  # two letters
    assert await hits(catalog, "xylphonia") == await hits(catalog, "zanzibarun") == 1
    await write(ArtistRecord(id="x", name="Quetzalia"))
    assert (await hits(catalog, "xylophonia"), await hits(catalog, "quetzaila")) == (0, 1)
    await write(RedirectRecord(id="x", kind="artist", into="y"))
    assert (await hits(catalog, "quetzalia"), await hits(catalog, "zanzibarum")) == (0, 1)
    # Nobody looks for a recording by its producer.
    credited = (Credit(artist=Ref(id="y"), role="primary"), Credit(artist=Ref(id="y"), role="producer"))
    await write(TrackRecord(id="t", title="Song (Radio Edit)", artists=credited))
    rows = await catalog.fetch("select title_signature from track_artist order by track_id desc, position limit 2")
    assert [row[0] for row in rows] == [title_signature("song"), None]


def test_hashes_and_signatures_never_change() -> None:
    """They are written into databases."""
    assert typo_hashes("u2") == [-616116532]
    assert len(typo_hashes("daft punk")) == 9
    assert title_signature("one more time") == 1700399116
    assert all_typo_hashes(["the beatles", "beatles"]) == typo_hashes("beatles")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("daft punk", "daft pnuk"),
        ("daft punk", "punk daft"),
        ("daft punk", "daftpunk"),
        ("daft punk", "daft pun"),
        ("daft punk", "draft punk"),
        ("daft punk", "xaft punk"),
        ("кино", "киноо"),
    ],
)
def test_names_an_error_apart_share_a_hash(one: str, other: str) -> None:
    assert set(typo_hashes(one)) & set(typo_hashes(other))


def test_signatures_are_near_when_titles_are() -> None:
    def apart(one: str, other: str) -> int:
        return ((title_signature(one) ^ title_signature(other)) & 0xFFFFFFFF).bit_count()

    assert apart("one more time", "time one more") == 0
    assert apart("gruppa krovi", "группа крови") == 0
    assert apart("one more time", "one more tiem") <= 6
    assert apart("one more time", "around the world") > 10
