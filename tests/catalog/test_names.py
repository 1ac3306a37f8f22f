import gzip
import random
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from sonograph.catalog.names import (
    Title,
    artist_key,
    artist_parts,
    fold,
    match_key,
    match_keys,
    query_keys,
    query_tokens,
    search_text,
    search_words,
    title_key,
    title_parts,
    transliterated,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
# Text as it comes, with more of what the readers look at than chance would bring.
WORDS = [
    "feat.",
    "ft",
    "(",
    ")",
    "[",
    "]",
    "{",
    " - ",
    "&",
    "+",
    "x",
    "vs.",
    "with",
    "and",
    "the",
    ",",
    "/",
    "$",
    "\u00b4",
]
WORDS += [
    "remix",
    "Radio Edit",
    "live",
    "(Original Mix)",
    "2011",
    "Remastered",
    "by",
    "от",
    "夜",
    "й",
    "é",
    "e\u0301",
    "か\u3099",
]
TEXT = st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5))).map(" ".join))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("One More Time", "one more time"),
        ("Harder, Better, Faster, Stronger", "harder better faster stronger"),
        ("  a\t b\n c ", "a b c"),
        ("Don't Stop", "dont stop"),
        ("Don\u2019t Stop", "dont stop"),
        ("Don\u00b4t Stop", "dont stop"),
        ("Don`t Stop", "dont stop"),
        ("Beyoncé", "beyonce"),
        ("Beyonce\u0301", "beyonce"),
        ("Sigur Rós", "sigur ros"),
        ("Mötley Crüe", "motley crue"),
        ("MØ Łódź Đorđe Straße Æon Œuvre Þórr", "mo lodz dorde strasse aeon oeuvre thorr"),
        ("İstanbul \u0131l\u0131k", "istanbul ilik"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("Florence + The Machine", "florence and the machine"),
        ("Ke$ha", "kesha"),
        ("A$AP Rocky", "asap rocky"),
        ("$uicideboy$", "suicideboys"),
        ("Joey Bada$$", "joey badass"),
        ("$100 Bills", "100 bills"),
        ("Cash $ Money", "cash money"),
        ("AC/DC", "ac dc"),
        ("Jay-Z", "jay z"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),  # noqa: RUF001 - full-width letters are the point
        ("𝓗𝓮𝓵𝓵𝓸", "hello"),  # noqa: RUF001 - so are mathematical ones
        ("Foo™", "foo"),
        ("❤️ Love ❤️", "love"),
        ("1️⃣ Two", "1 two"),
        ("zero\u200bwidth\u00adhyphen", "zerowidthhyphen"),
        ("Чайковский", "чайковский"),
        ("Ёлка ЁЛКА \u0415\u0308лка", "ёлка ёлка ёлка"),  # noqa: RUF001 - Cyrillic is the point
        ("Группа крови — на рукаве!", "группа крови на рукаве"),
        ("Їжак ґанок", "їжак ґанок"),
        ("Ελλάδα ΟΔΟΣ οδός", "ελλαδα οδοσ οδοσ"),
        ("فَيْرُوز", "فيروز"),
        ("أم كلثوم", "ام كلثوم"),
        ("שָׁלוֹם", "שלום"),
        ("夜に駆ける", "夜に駆ける"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("か\u3099", "が"),
        ("サカナクション・山口", "サカナクション 山口"),
        ("방탄소년단", "방탄소년단"),
        (unicodedata.normalize("NFD", "방탄소년단"), "방탄소년단"),
        ("ไม่บอกเธอ", "ไม่บอกเธอ"),
        ("हिन्दी गीत", "हिन्दी गीत"),
        ("٣ дня", "3 дня"),
        ("+/-", ""),
        ("!!!", ""),
        ("", ""),
        ("\u0301\u0302", ""),
        ("🔥🔥", ""),
        ("\ud800 a\0b", "a b"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Кино", "kino"),
        ("Чайковский", "chaykovskiy"),
        ("Ελλάδα", "ellada"),
        ("夜に駆ける", "yeniqukeru"),
        ("방탄소년단", "bangtansonyeondan"),
        ("ガール", "garu"),
        ("Кино live", "kino live"),
        ("Daft Punk", None),
        ("Beyoncé", None),
        ("!!!", None),
        ("🔥", None),
        ("", None),
    ],
)
def test_transliterated(text: str, latin: str | None) -> None:
    assert transliterated(text) == latin


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The Beatles", "beatles"),
        ("Beatles, The", "beatles"),
        ("THE BEATLES", "beatles"),
        ("The The", "the"),
        ("The", "the"),
        ("Theory", "theory"),
        ("Daft Punk (2)", "daft punk 2"),
        ("!!!", "!!!"),
        ("???", "???"),
        ("+/-", "+/-"),
        ("! ! !", "!!!"),
        ("🔥", "🔥"),
        ("", ""),
        (" \0\ud800\u0301", ""),
        ("x" * 5000, "x" * 120),
    ],
)
def test_artist_key(name: str, key: str) -> None:
    assert artist_key(name) == key


@pytest.mark.parametrize(
    ("credit", "parts"),
    [
        ("Daft Punk", ["daft punk"]),
        ("Simon & Garfunkel", ["simon and garfunkel", "simon", "garfunkel"]),
        ("Simon and Garfunkel", ["simon and garfunkel", "simon", "garfunkel"]),
        (
            "Earth, Wind & Fire feat. The Emotions",
            [
                "earth wind and fire the emotions",
                "earth wind and fire",
                "emotions",
                "earth",
                "wind and fire",
                "wind",
                "fire",
            ],
        ),
        ("Diplo x Skrillex", ["diplo x skrillex", "diplo", "skrillex"]),
        ("Diplo × Skrillex", ["diplo skrillex", "diplo", "skrillex"]),  # noqa: RUF001 - the sign is the point
        ("A vs. B", ["a vs b", "a", "b"]),
        ("A ft.B", ["a b", "a", "b"]),
        ("A FEATURING B with C", ["a b with c", "a", "b with c", "b", "c"]),
        ("Calvin Harris (feat. Rihanna)", ["calvin harris rihanna", "calvin harris", "rihanna"]),
        ("A; B / C", ["a b c", "a", "b", "c"]),
        ("YOASOBI、Ado", ["yoasobi ado", "yoasobi", "ado"]),
        ("Ａ ＆ Ｂ", ["a and b", "a", "b"]),  # noqa: RUF001 - full-width letters are the point
        ("Florence + the Machine", ["florence and the machine", "florence", "machine"]),
        ("Beatles, The", ["beatles"]),
        ("Malcolm X", ["malcolm x"]),
        ("X Ambassadors", ["x ambassadors"]),
        ("Little Feat", ["little feat"]),
        ("Andy Anderson", ["andy anderson"]),
        ("!!!", ["!!!"]),
        ("+/-", ["+/-"]),
        ("", []),
        ("\0", []),
        (", ".join("abcdefghij"), ["a b c d e f g h i j", *"abcdefg"]),
    ],
)
def test_artist_parts(credit: str, parts: list[str]) -> None:
    assert artist_parts(credit) == parts


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("One More Time", Title("one more time", "", ())),
        # guests
        ("Galvanize (feat. Q-Tip)", Title("galvanize", "", ("q tip",))),
        ("Galvanize {ft Q-Tip}", Title("galvanize", "", ("q tip",))),
        ("HOLIDAY {FEAT CHROME}", Title("holiday", "", ("chrome",))),
        ("Galvanize ft. Q-Tip", Title("galvanize", "", ("q tip",))),
        ("Song (feat. A, B & C) [X Remix]", Title("song", "x remix", ("a", "b", "c"))),
        ("Song ft. A (Remix feat. B)", Title("song", "remix", ("a", "b"))),
        ("Song (with Ty Dolla $ign)", Title("song", "", ("ty dolla sign",))),
        ("Song (feat. A", Title("song", "", ("a",))),
        # noise
        ("Song (Original Mix)", Title("song", "", ())),
        ("Song (Original Version)", Title("song", "", ())),
        ("Song (Album Version)", Title("song", "", ())),
        ("Song [Explicit]", Title("song", "", ())),
        ("Song (Explicit Album Version)", Title("song", "", ())),
        ("Song (Official Video)", Title("song", "", ())),
        ("Song (Official Music Video) [HD]", Title("song", "", ())),
        ("Song (Lyrics)", Title("song", "", ())),
        ("Song - Remastered 2011", Title("song", "", ())),
        ("Song - 2011 Remastered Version", Title("song", "", ())),
        ("Song \u2013 2011 Remaster", Title("song", "", ())),
        ("Song (Mono)", Title("song", "", ())),
        ("Song (Stereo Mix)", Title("song", "", ())),
        ("Song (40th Anniversary Edition)", Title("song", "", ())),
        ("Song (1999)", Title("song", "", ())),
        ("Song (prod. Someone)", Title("song", "", ())),
        ('Let It Go (From "Frozen" Soundtrack)', Title("let it go", "", ())),
        ('Let It Go - From "Frozen"/Soundtrack Version', Title("let it go", "", ())),
        ("Song Original Mix", Title("song", "", ())),
        ("Song Remastered 2009", Title("song", "", ())),
        # versions
        ("Song - Radio Edit", Title("song", "radio edit", ())),
        ("Song [Radio Edit]", Title("song", "radio edit", ())),
        ("Song (Radio Mix)", Title("song", "radio edit", ())),
        ("Song Radio Edit", Title("song", "radio edit", ())),
        ("Song 【Radio Edit】", Title("song", "radio edit", ())),
        ("Song (Extended)", Title("song", "extended mix", ())),
        ("Song (Club Mix)", Title("song", "club mix", ())),
        ("Praise You (Fatboy Slim Remix)", Title("praise you", "fatboy slim remix", ())),
        ("Praise You - Fatboy Slim RMX", Title("praise you", "fatboy slim remix", ())),
        ("Praise You (Remixed by Fatboy Slim)", Title("praise you", "fatboy slim remix", ())),
        ("Praise You (Fatboy Slim Remix) [Radio Edit]", Title("praise you", "fatboy slim remix radio edit", ())),
        ("Song (Official Remix)", Title("song", "remix", ())),
        ("Song (Live)", Title("song", "live", ())),
        ("Song（Live）", Title("song", "live", ())),  # noqa: RUF001 - full-width brackets are the point
        ("Song (Live at Wembley Stadium 1986)", Title("song", "live", ())),
        ("Song - Live in Paris / Remastered 2011", Title("song", "live", ())),
        ("Song (Live Version) [2011 - Remaster]", Title("song", "live", ())),
        ("Song (En Vivo)", Title("song", "live", ())),
        ("Song (Acoustic Version)", Title("song", "acoustic", ())),
        ("Song (Instrumental)", Title("song", "instrumental", ())),
        ("Song (Dirty South Instrumental)", Title("song", "dirty south instrumental", ())),
        ("Song (A Cappella)", Title("song", "acappella", ())),
        ("Song (MTV Unplugged)", Title("song", "unplugged", ())),
        ("Song (Dub)", Title("song", "dub", ())),
        ("Song (Demo)", Title("song", "demo", ())),
        ("Song (Nirvana cover)", Title("song", "nirvana cover", ())),
        ("Song (Alternate Take 2)", Title("song", "alternate take 2", ())),
        ("Song (Slowed + Reverb)", Title("song", "slowed reverb", ())),
        ("Love Story (Taylor's Version)", Title("love story", "taylors version", ())),
        ("Песня (Remix)", Title("песня", "remix", ())),
        # words of the title
        ("(I Can't Get No) Satisfaction", Title("i cant get no satisfaction", "", ())),
        ("Live and Let Die", Title("live and let die", "", ())),
        ("Song (Live and Let Die)", Title("song live and let die", "", ())),
        ("Song (How to Live)", Title("song how to live", "", ())),
        ("Dancing (With Myself)", Title("dancing with myself", "", ())),
        ("Song (Part 2) (Live)", Title("song part 2", "live", ())),
        ("Song - Part 2", Title("song part 2", "", ())),
        ("Song (From Me to You)", Title("song from me to you", "", ())),
        ("1999 (2019 Remaster)", Title("1999", "", ())),
        ("Video Games", Title("video games", "", ())),
        ("Ft. Worth Blues", Title("ft worth blues", "", ())),
        ("feat. X", Title("feat x", "", ())),
        # nothing else is left
        ("Live", Title("live", "", ())),
        ("(Remix)", Title("remix", "", ())),
        ("Original Mix", Title("original mix", "", ())),
        ("[Untitled]", Title("untitled", "", ())),
        ("÷", Title("÷", "", ())),
        ("???", Title("???", "", ())),
        ("", Title("", "", ())),
        ("\0\ud800", Title("", "", ())),
    ],
)
def test_title_parts(title: str, parts: Title) -> None:
    assert title_parts(title) == parts
    assert title_key(title) == f"{parts.base} {parts.version}".strip()


def test_match_key_is_blind_to_word_order_and_tells_artist_from_title() -> None:
    assert match_key("daft punk", "one more time") == match_key("punk daft", "time more one")
    assert match_key("daft punk", "one more time") != match_key("daft", "punk one more time")
    # Written into databases: this value must never change.
    assert match_key("daft punk", "one more time") == 656707022405456052


SAME_RECORDING = [
    # (stored artists, stored title, asked artist, asked title)
    (["Daft Punk"], "One More Time", "DAFT PUNK", "one more time"),
    (["Daft Punk"], "One More Time", "Punk Daft", "Time One More"),
    (["Daft Punk"], "One More Time (Radio Edit)", "Daft Punk", "One More Time"),
    (["Daft Punk"], "One More Time", "Daft Punk", "One More Time - Original Mix"),
    (["Daft Punk"], "One More Time (Radio Edit)", "Daft Punk", "One More Time Radio Edit"),
    (["The Beatles"], "Help! - Remastered 2009", "Beatles", "Help"),
    (["Simon", "Garfunkel"], "America", "Simon & Garfunkel", "America"),
    (["Simon & Garfunkel"], "America", "Garfunkel", "America"),
    (["The Chemical Brothers"], "Galvanize (feat. Q-Tip)", "Q-Tip", "Galvanize"),
    (["The Chemical Brothers", "Q-Tip"], "Galvanize", "Chemical Brothers ft. Q-Tip", "Galvanize {ft Q-Tip}"),
    (["Fatboy Slim"], "Praise You (X Remix)", "Fatboy Slim", "Praise You X Remix"),
    (["Кино"], "Группа крови", "Kino", "Gruppa krovi"),
    (["Кино"], "Группа крови", "кино", "ГРУППА КРОВИ"),
    (["Кино"], "Группа крови", "Kino", "Группа крови"),
    (["Kino"], "Gruppa krovi", "Кино", "Группа крови"),
    (["Beyoncé"], "Déjà Vu", "Beyonce", "Deja Vu"),
    (["!!!"], "Must Be the Moon", "!!!", "Must be the moon"),
    (["Ed Sheeran"], "÷", "Ed Sheeran", "÷"),
]


@pytest.mark.parametrize(("artists", "title", "artist", "asked"), SAME_RECORDING)
def test_the_first_keys_of_a_query_find_the_recording(artists: list[str], title: str, artist: str, asked: str) -> None:
    assert match_keys(artists, title) & set(query_keys(artist, asked)[0])


def test_version_words_matter() -> None:
    original = match_keys(["Fatboy Slim"], "Praise You")
    remix = match_keys(["Fatboy Slim"], "Praise You (Purple Disco Machine Remix)")
    for_the_original = query_keys("Fatboy Slim", "Praise You")
    for_the_remix = query_keys("Fatboy Slim", "Praise You - Purple Disco Machine Remix")
    assert original & set(for_the_original[0])
    assert not remix & {key for level in for_the_original for key in level}
    assert remix & set(for_the_remix[0])
    assert not original & set(for_the_remix[0])
    assert original & set(for_the_remix[1])


def test_levels_of_a_query_go_from_exact_to_loose() -> None:
    levels = query_keys("A", "Song (X Remix) [Radio Edit]")
    assert levels == [
        [match_key("a", "song x remix radio edit")],
        [match_key("a", "song x remix")],
        [match_key("a", "song")],
    ]


def test_other_songs_share_no_key() -> None:
    stored = match_keys(["Daft Punk"], "One More Time")
    for artist, title in [("Daft Punk", "One More"), ("Daft", "One More Time"), ("Britney Spears", "One More Time")]:
        assert not stored & {key for level in query_keys(artist, title) for key in level}


def test_search_text_holds_both_scripts_and_no_noise() -> None:
    artists, title = ["Кино", "Simon & Garfunkel"], "Группа крови (Live at Wembley) [Remastered] (feat. X)"
    assert title_key(title) == "группа крови live"
    words = "кино simon and garfunkel x gruppa krovi kino at wembley feat"
    assert search_text(artists, title) == words
    assert search_words(artists, title) == f"группа крови live {words}".split()


@pytest.mark.parametrize(
    ("artist", "title", "tokens"),
    [
        ("Daft Punk", "One More Time (Radio Edit)", ["daft", "punk", "one", "more", "time"]),
        ("Simon & Garfunkel", "America", ["simon", "garfunkel", "america"]),
        ("A feat. B", "Song Remastered", ["a", "b", "song"]),
        ("", "love", ["love"]),
        ("The", "", ["the"]),
        ("And", "With", ["and", "with"]),
        ("🔥", "!!!", []),
        ("", "", []),
        (
            "a b c d e f g h i j k l m n",
            "1 2 3 4 5 6 7 8",
            ["a", "b", "c", "d", "e", "f", "1", "2", "3", "4", "5", "6"],
        ),
        ("y" * 5000, "", ["y" * 40]),
    ],
)
def test_query_tokens(artist: str, title: str, tokens: list[str]) -> None:
    assert query_tokens(artist, title) == tokens


@given(TEXT)
@example("\u0345\u03b1\u0345")
@example("か\u200d\u3099")
@example("ﷺ" * 100)
@example("\u1e9b\u0323")
def test_folding_is_stable(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert folded == " ".join(folded.split())
    assert all(unicodedata.category(c)[0] in "LMN" or c == " " for c in folded)
    latin = transliterated(text)
    assert latin is None or (latin.isascii() and fold(latin) == latin != "")


@given(st.text("abcéñøßØÉäжйёЖЙЁが夜 '&$-()", max_size=50))
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)
    assert title_key(text.upper()) == title_key(text.lower())
    assert artist_parts(text.upper()) == artist_parts(text.lower())


@given(st.lists(TEXT, max_size=5), TEXT)
def test_results_are_bounded_and_fit_for_a_database(artists: list[str], title: str) -> None:
    parts = title_parts(title)
    texts = [title_key(title), parts.base, parts.version, *parts.featured, search_text(artists, title)]
    for artist in artists:
        assert len(artist_parts(artist)) <= 8
        texts += [artist_key(artist), *artist_parts(artist)]
        tokens = query_tokens(artist, title)
        assert len(tokens) <= 12
        assert all(0 < len(token) <= 40 for token in tokens)
        levels = query_keys(artist, title)
        keys = [key for level in levels for key in level]
        assert len(keys) == len(set(keys)) <= 12
        assert all(levels)
    assert "\0" not in "".join(texts)
    assert "".join(texts).encode("utf-8")[:0] == b""  # no lone surrogates: PostgreSQL would refuse them
    assert len(title_key(title)) <= 200
    assert len(search_text(artists, title)) <= len(" ".join(search_words(artists, title))) <= 400
    keys_of_track = match_keys(artists, title)
    assert len(keys_of_track) <= 24
    assert all(-(2**63) <= key < 2**63 for key in keys_of_track)


@given(TEXT, TEXT)
def test_what_is_asked_as_it_was_written_is_found(artist: str, title: str) -> None:
    stored = match_keys([artist], title)
    if artist_parts(artist) and title_key(title):
        assert stored & set(query_keys(artist, title)[0])
    else:
        assert query_keys(artist, title) == []


@given(st.text(max_size=40), st.text(max_size=40))
def test_query_tokens_stand_in_the_search_text(artist: str, title: str) -> None:
    text = f"{title_key(title)} {search_text([artist], title)}"
    if len(text) < 350:  # not cut
        assert set(query_tokens(artist, title)) <= set(text.split())


HOSTILE = [
    "(",
    "[(",
    "a - ",
    "feat. ",
    " ft ",
    "& ",
    "+",
    "$",
    "a$",
    "x ",
    " ",
    "\u0301",
    "\u0334\u0301\u0323",
    "ﷺ",
    "夜",
    "🔥",
]
HOSTILE += ["\0", "\ud800", "a", "remix by ", "(live at ", "a, ", "/", "with ", "ß", "\u200d", "\u0e31", "\u00b4", "İ"]


@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6), st.booleans())
def test_20_000_characters_take_no_more_time_than_their_length(units: list[str], backwards: bool) -> None:  # noqa: FBT001 - hypothesis
    text = ("".join(units) * 20_000)[:20_000]
    text = text[::-1] if backwards else text
    started = time.process_time()
    match_keys([text], text)
    query_keys(text, text)
    search_text([text], text)
    query_tokens(text, text)
    # 2-12 ms each, because names are cut first; anything quadratic in 20,000 characters would take seconds.
    assert time.process_time() - started < 0.5


def test_real_titles_keep_a_base_and_find_themselves() -> None:
    rng = random.Random(1)
    with gzip.open(DATA / "discogs_samples" / "discogs_20200806_releases.xml.gz") as file:
        titles = [node.text for _, node in etree.iterparse(file, tag="title") if node.text]
    for title in rng.sample(titles, 3000):
        parts = title_parts(title)
        assert parts.base
        assert set(parts.base.split()) <= set(fold(title).split()) | {parts.base}
        assert match_keys(["Somebody"], title) & set(query_keys("somebody", title.upper())[0])
