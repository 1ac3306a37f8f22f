"""Titles that break things: one album of them, each with the trap that it sets."""

# ruff: noqa: RUF001  # titles and names in many scripts: letters that look like Latin ones are meant

from collections.abc import Iterator

from sonograph.catalog.records import Place, Ref, ReleaseRecord
from sonograph.catalog.sandbox import facts
from sonograph.catalog.sandbox.styles import STYLES

ARTIST = "awkward"
TITLES = (
    ("quotes", 'She Said "It\'s Fine"'),
    ("typographic-quotes", "‘Don’t’ “Ask” „Me“ «Why»"),
    ("backslash", "C:\\Songs\\New\\Track"),
    ("sql-wildcards", "100%_Sure_%"),
    ("sql", "Robin'); -- The Little Table"),
    ("html", "<b>Bold</b> & <i>Italic</i> &amp; Co."),
    ("script", "</script><script>/* no */</script>"),
    ("json", '{"title": null, "n": [1, 2]}'),
    ("template", "{{ title }} ${title} %s {0}"),
    ("null-word", "null"),
    ("none-word", "None"),
    ("number", "1987"),
    ("float", "1e309"),
    ("date", "2001-03-12"),
    ("isrc-like", "XXFIC9900001"),
    ("one-letter", "Q"),
    ("one-sign", "."),
    ("one-ideograph", "雨"),
    ("dots", "…"),
    ("signs", "!!! ??? ***"),
    ("slashes", "AM/PM // 24/7"),
    ("brackets", "(((Inside)) [Outside]"),
    ("only-brackets", "(Untitled)"),
    ("version-words-only", "Remix (Original Mix) [Live] - Radio Edit"),
    ("feat-in-title", "Ask the Weather (feat. Mirelle Okonta & DJ Kettledrift)"),
    ("emoji", "🌊🌊🌊"),
    ("joined-emoji", "Family 👩‍👩‍👧‍👦 of 🏴󠁧󠁢󠁳󠁣󠁴󠁿 & 👍🏽"),
    ("right-to-left", "Night شارع البحر 7 Bus"),
    ("direction-marks", "\u202eesreveR\u202c (\u2067שלום\u2069)"),
    ("line-separator", "Line\u2028Break"),
    ("paragraph-separator", "Para\u2029Graph"),
    ("next-line", "Next\u0085Line"),
    ("newline-tab", "Verse\n\tChorus"),
    ("no-break-space", "No\u00a0Break\u202fSpace\u3000Here"),
    ("zero-width", "Zero\u200bWidth\u200dJoiner\ufeff"),
    ("soft-hyphen", "Un\u00adbroken"),
    ("decomposed", "Cafe\u0301 at Dawn"),
    ("composed", "Caf\u00e9 at Dawn"),
    ("stacked-marks", "Z̸̡͎a̵͖͝l̶̰̚g̷̙̈o̴̜͝"),
    ("full-width", "Ｆｕｌｌ　Ｗｉｄｔｈ"),
    ("mathematical", "𝐁𝐨𝐥𝐝 𝓢𝓬𝓻𝓲𝓹𝓽"),
    ("ligature", "The Of\ufb01ce \ufb02oor"),
    ("sharp-s", "STRASSE, Straße, STRAẞE"),
    ("dotless-i", "Iı İi"),
    ("final-sigma", "ΟΔΟΣ οδος οδός"),
    ("look-alikes", "Раypаl Pop"),  # Cyrillic letters among Latin ones
    ("mixed-scripts", "東京 Moscow Москва القاهرة"),
    ("superscript", "E=mc² ½ №5 ①"),
    ("musical-signs", "♭7 ♯11 𝄞"),
    ("private-use", "Logo \ue000"),
    ("outside-plane", "𠮷野家の歌"),
    ("leading-space", "  Two Spaces Before and After  "),
    ("apostrophe-n", "Rock ’n’ Roll ‘n’ Rain 'n' Sun"),
    ("plus", "C++ & C# & +/-"),
    ("at-and-hash", "@night #dawn"),
    ("url", "https://example.com/?q=song&x=1#top"),
    ("long-word", "Donau" + "dampfschifffahrts" * 12 + "kapitän"),
    ("very-long", "The Complete and Unabridged " + "Further " * 118 + "Adventures"),
)


def albums(year: int = 2013) -> Iterator[ReleaseRecord]:
    tracks = [
        facts.recording(
            f"edge/{key}", title, [facts.credit(ARTIST)], facts.Origin(STYLES["electronica"], year, "edge", number)
        )
        for number, (key, title) in enumerate(TITLES, start=1)
    ]
    yield ReleaseRecord(
        id="edge",
        title='Edge Cases: \\ "%_" \u202e\u202c\u2028 🧵',
        artist=Ref(id=ARTIST),
        release_date=f"{year}-02-28",
        catalog_no="'\"-001",
        tracks=tuple(Place(track=track, disc=1, number=number) for number, track in enumerate(tracks, start=1)),
    )
