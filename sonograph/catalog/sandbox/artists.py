"""Invented artists: any likeness to a real one is chance.

`plan` lists their releases: A album, D double album, E EP, S single, L live album, R remix album, T soundtrack, each
with its number of tracks. `language` takes titles that are written out in `words.TITLES`; otherwise they are made
from the style's vocabulary.
"""

# ruff: noqa: RUF001  # titles and names in many scripts: letters that look like Latin ones are meant

from dataclasses import dataclass

from sonograph.catalog.records import ArtistRecord
from sonograph.catalog.sandbox.draw import Draw
from sonograph.catalog.sandbox.invented import musicbrainz_id, wikidata_id

CAREER = 60
DAY_LENGTH = len("2001-03-12")


@dataclass(frozen=True, slots=True)
class ArtistRow:
    id: str
    name: str
    style: str
    plan: str = ""
    country: str | None = None
    formed: str | None = None  # a year or a day
    aliases: tuple[str, ...] = ()
    language: str = ""
    handle: str | None = None  # on social platforms


VARIOUS = ArtistRecord(id="various", name="Various Artists", aliases=("Various", "V.A."))

ARTISTS = (
    # club music
    ArtistRow("kettledrift", "DJ Kettledrift", "house", "S4 S5 E4 R6", "United Kingdom", "2009-05-14", ("Kettledrift",),
              handle="kettledrift"),
    ArtistRow("velour-antenna", "Velour Antenna", "house", "E4 A9 R6", "France", "2003", handle="velourantenna"),
    ArtistRow("mirelle-okonta", "Mirelle Okonta", "house", "S3 E5", "Nigeria", "2015-02-28", ("M. Okonta",)),
    ArtistRow("ferry-timetable", "Ferry Timetable", "house", "S4", "Netherlands"),
    ArtistRow("nadir-pelt", "Nadir Pelt", "techno", "E4 S4 A8 R5", "Germany", "2011", handle="nadirpelt"),
    ArtistRow("unit-zero-nine", "UNIT/09", "techno", "E4 E5", None, None, ("Unit 09", "Unit Zero Nine")),
    ArtistRow("halva-circuit", "Halva Circuit", "techno", "S3", "Turkey", "2018-11-03"),
    ArtistRow("ostrava-nights", "Noční Směna Ostrov", "techno", "E4", "Czechia", "2012", ("Nocni Smena Ostrov",)),
    ArtistRow("solarwheel", "Solarwheel Ltd", "trance", "S4 S4 A8", "Belgium", "1997-08-01"),
    ArtistRow("goa-postmaster", "The Goa Postmaster", "trance", "A9", "India", "1994"),
    ArtistRow("ragged-ibis", "Ragged Ibis", "jungle", "S3 E4 A10", "United Kingdom", "1995", handle="raggedibis"),
    ArtistRow("tessellate-kid", "Tessellate Kid", "jungle", "E5", "New Zealand"),
    ArtistRow("subfloor-choir", "Subfloor Choir", "bass", "E4 S2", "Canada", "2013"),
    ArtistRow("mc-turnstile", "MC Turnstile", "bass", "A10 S3", "United Kingdom", "2006-06-06", ("Turnstile",)),
    ArtistRow("two-step-tilda", "Two-Step Tilda", "garage", "S4 E4", "United Kingdom", "1999", ("Tilda",)),
    ArtistRow("gabberghast", "Gabberghast", "hard", "E5 S3", "Netherlands", "1996-10-31"),
    ArtistRow("plush-hammer", "PLUSH HAMMER!!", "hard", "E4", "Japan", "2016", ("Plush Hammer",)),
    # electronica and ambient
    ArtistRow("quillon-harrow", "Quillon Harrow", "electronica", "A11 E4", "Ireland", "2001-01-01"),
    ArtistRow("eight-bit-abbot", "8-Bit Abbot", "electronica", "A12", "United States", "2010", handle="8bitabbot"),
    ArtistRow("mall-fountain", "Ｍａｌｌ Ｆｏｕｎｔａｉｎ '９４", "electronica", "E6", None, None,
              ("Mall Fountain '94",)),
    ArtistRow("thirteen-pylons", "Thirteen Pylons", "ambient", "A6 D8", "Norway", "1988"),
    ArtistRow("isbru", "Ísbrúin", "ambient", "A6", "Iceland", "2007-12-21", ("Isbruin",), "is"),
    ArtistRow("harmonia-lumen", "Sister Lumen of the Marsh", "ambient", "A4"),
    ArtistRow("cassette-duchess", "Cassette Duchess", "synth", "A9 S4", "Sweden", "1984-04-04",
              handle="cassetteduchess"),
    ArtistRow("kalter-flur", "Kalter Flur", "synth", "A6", "Germany", "1982", (), "de"),
    # pop and disco
    ArtistRow("saffron-roller", "Saffron Roller Rink", "disco", "S3 A9", "United States", "1977", ("S.R.R.",)),
    ArtistRow("lido-notturno", "Lido Notturno", "disco", "A6 S2", "Italy", "1983", (), "it"),
    ArtistRow("penny-arcadia", "Penny Arcadia", "pop", "A12 S4 L8", "Australia", "2008-03-17", handle="pennyarcadia"),
    ArtistRow("honest-raincoats", "The Honest Raincoats", "pop", "A10 S3", "United Kingdom", "1967"),
    ArtistRow("ember-vale-1", "Ember Vale", "pop", "S3 E4", "Canada", "2019"),
    ArtistRow("ember-vale-2", "Ember Vale", "folk", "A7", "United States", "1971"),  # another artist of the same name
    ArtistRow("oe", "Ø̈", "pop", "E3", "Denmark", "2020", ("Oe",)),
    ArtistRow("solange-verdier-quai", "Solange Verdier-Quai", "chanson", "A7", "France", "1958",
              ("S. Verdier-Quai",), "fr"),
    ArtistRow("waldemar-sonne", "Waldemar Sonnenschirm", "chanson", "S3", "Austria", "1974-07-07"),
    ArtistRow("kami-furin", "紙風鈴製作所", "asian-pop", "A9 S2", "Japan", "2014-07-07", ("Kami Fūrin Seisakusho",),
              "ja"),
    ArtistRow("moss-post", "青苔邮局乐队", "asian-pop", "A8", "China", "2011", ("Qingtai Youju",), "zh"),
    ArtistRow("paran-gyedan", "파란계단실", "asian-pop", "E5 S2", "South Korea", "2017-09-01", ("Paran Gyedansil",),
              "ko"),
    ArtistRow("mango-station", "วงสถานีมะม่วง", "pop", "E5", "Thailand", "2016", ("Mango Station",), "th"),
    # rock, punk, metal
    ArtistRow("salt-year", "The Salt Year", "rock", "", "United States", "1969-11-23", handle="thesaltyear"),
    ArtistRow("marrow-thistle", "Marrow & Thistle", "rock", "A9 L7", "United Kingdom", "1972"),
    ArtistRow("kombinat-sieben", "Kombinat Sieben", "rock", "A4 A3", "Germany", "1971", ("Kombinat 7",)),
    ArtistRow("surf-actuaries", "The Surf Actuaries", "rock", "E4 A10", "United States", "1963-06-15"),
    ArtistRow("polyn-tram", "Полынный трамвай", "indie", "A11", "Russia", "1999", ("Polynny Tramvay",
              "Wormwood Tram"), "ru"),
    ArtistRow("somy-prychal", "Сьомий Причал Ночі", "indie", "A7", "Ukraine", "2010", ("Siomyi Prychal Nochi",), "uk"),
    ArtistRow("zolty-peron", "Żółty Peron Drugi", "indie", "E6", "Poland", "2004", ("Zolty Peron Drugi",), "pl"),
    ArtistRow("soft-parliament", "Soft Parliament of Crows", "indie", "A10 E4", "Canada", "2002-10-10"),
    ArtistRow("undershelf", "undershelf", "indie", "A9 S3", "United States", "2012"),
    ArtistRow("dormouse-riot", "Dormouse Riot", "punk", "A12 E5", "United States", "1981", handle="dormouseriot"),
    ArtistRow("nil-by-mouse", "Nil by Mouse", "punk", "E6", "United Kingdom", "1978-01-13"),
    ArtistRow("angbat", "Ångbåtskommittén", "punk", "E5", "Sweden", "1989", ("Angbatskommitten",), "sv"),
    ArtistRow("grimmvald", "Grimmväld", "metal", "A7 E3", "Norway", "1993-02-13", ("Grimmvald",)),
    ArtistRow("anvil-of-geese", "Anvil of Geese", "metal", "A8 L6", "Finland", "1998"),
    ArtistRow("doomhilda", "Doomhilda", "metal", "A4", "Brazil", "2005"),
    # hip-hop, soul, jazz, blues
    ArtistRow("corner-ledger-crew", "Corner Ledger Crew", "hip-hop", "A14 S3", "United States", "1991",
              handle="ledgercrew"),
    ArtistRow("auntie-algebra", "Auntie Algebra", "hip-hop", "A10 E4", "Ghana", "2014-08-19", ("A. Algebra",)),
    ArtistRow("lil-parsnip", "Lil Parsnip", "hip-hop", "S2 E5", "United States", "2018"),
    ArtistRow("beatrix-loops", "Beatrix Loops", "hip-hop", "A13", "Japan", "2009", ("ビアトリクス・ループス",)),
    ArtistRow("delphine-aubry-cole", "Delphine Aubry-Cole", "soul", "A9 S3", "United States", "1968",
              handle="delphineac"),
    ArtistRow("velveteen-jury", "The Velveteen Jury", "soul", "A8", "United States", "1973"),
    ArtistRow("osmond-quarterly", "Osmond Tuckwell Quintet", "jazz", "A6 L5", "United States", "1956",
              ("Osmond Tuckwell", "O. Tuckwell 5tet")),
    ArtistRow("marguerite-bellweather", "Marguerite Bellweather", "jazz", "A8", "France", "1949-05-05"),
    ArtistRow("linden-big-band", "Lindenhof Radio-Tanzorchester", "jazz", "E4", "Switzerland", "1938"),
    ArtistRow("gravel-joe", "Gravel Joe Prewitt", "blues", "A8 E4", "United States", "1931", ("Blind Gravel Joe",)),
    # country, folk
    ArtistRow("tallow-creek", "Tallow Creek Ramblers", "country", "A9 S2", "United States", "1959"),
    ArtistRow("june-ferriter", "June Ferriter", "country", "A8", "United States", "1996-03-09", handle="juneferriter"),
    ArtistRow("heron-and-miller", "Heron & Miller", "folk", "A10 L6", "Ireland", "1976"),
    ArtistRow("trad-weavers", "The Barleymow Weavers", "folk", "E4", "United Kingdom", "1964"),
    ArtistRow("tram-suong-mu", "Trạm Sương Mù Số Bảy", "folk", "E5", "Vietnam", "2013", ("Tram Suong Mu So Bay",),
              "vi"),
    # reggae, latin, african, global
    ArtistRow("pelican-defenders", "The Pelican Defenders", "reggae", "A8 R5", "Jamaica", "1975",
              ("Pelican Defenders",)),
    ArtistRow("righteous-ladle", "Righteous Ladle Soundsystem", "reggae", "S4", "United Kingdom", "1986"),
    ArtistRow("nandu-electrico", "Ñandú Eléctrico Orquesta", "latin", "A8", "Argentina", "1979",
              ("Nandu Electrico",), "es"),
    ArtistRow("farol-de-acucar", "Trio Farol de Açúcar", "latin", "A8", "Brazil", "1962-01-25",
              ("Farol de Açúcar",), "pt"),
    ArtistRow("osumare", "Ẹgbẹ́ Òṣùmàrè Kejì", "african", "A5", "Nigeria", "1974", ("Egbe Osumare Keji",), "yo"),
    ArtistRow("papa-tamarin", "Papa Tamarin et l'Orchestre du Quai", "african", "A6", "DR Congo", "1970-06-30"),
    ArtistRow("manara-sabia", "مقهى المنارة السابعة", "global", "A7", "Egypt", "2000",
              ("Maqha al-Manara al-Sabi'a",), "ar"),
    ArtistRow("tachanat-halimon", "להקת תחנת הלימון", "global", "E5", "Israel", "2008", ("Tachanat HaLimon",), "he"),
    ArtistRow("chartina-kaikia", "Χάρτινα Καΐκια του Νότου", "global", "A7", "Greece", "1985", ("Chartina Kaikia",),
              "el"),
    ArtistRow("neeli-patang", "नीली पतंग मंडली", "global", "E5", "India", "2006", ("Neeli Patang Mandali",), "hi"),
    ArtistRow("lurji-panjara", "ლურჯი ფანჯარა 21", "global", "E5", "Georgia", "2015", ("Lurji Panjara 21",), "ka"),
    ArtistRow("ince-yagmur", "İnce Yağmur Fasıl Heyeti", "global", "E5", "Turkey", "1992", ("Ince Yagmur",), "tr"),
    # classical, screen, spoken
    ArtistRow("ignaz-wetterfahn", "Ignaz Wetterfahn", "classical", "", "Austria", "1791-02-28",
              ("I. Wetterfahn", "Wetterfahn")),  # a composer: credited, never the main artist
    ArtistRow("weathervane-quartet", "Weathervane Quartet", "classical", "A9", "Austria", "1987"),
    ArtistRow("northmere-symphony", "Northmere Symphony Orchestra", "classical", "D12", "United Kingdom", "1923"),
    ArtistRow("ilse-brandauer-roth", "Ilse Brandauer-Roth", "classical", "", "Germany", None, ("I. Brandauer-Roth",)),
    ArtistRow("clockwork-lagoon", "Tobin Eastlake-Marsh", "screen", "T14 T10", "United States", "1989"),
    ArtistRow("pixel-castle-team", "Pixel Castle Sound Team", "screen", "T12", "Japan", None,
              ("ピクセル城サウンドチーム",)),
    ArtistRow("granny-tractor", "Granny Tractor", "spoken", "A8 S2", "United Kingdom", "1990"),
    ArtistRow("foley-cupboard", "The Foley Cupboard", "spoken", "D14"),
    # awkward by name, or without any release
    ArtistRow("symbols", "¡§!¿§?", "punk", "E4"),
    ArtistRow("one-letter", "Ж", "techno", "S2"),
    ArtistRow("emoji", "🐌🌧️", "ambient", "E3", None, None, ("Snail Rain",)),
    ArtistRow("awkward", "Null & the Undefineds", "electronica", "", None, None, ("NULL",)),
    ArtistRow("session-only", "Hollis Pemberton-Oyelaran", "jazz", "", "Barbados"),
    ArtistRow("no-release-1", "The Unrecorded", "rock"),
    ArtistRow("no-release-2", "Maren Silberfuchs", "folk", "", "Norway", "2021-05-17"),
)  # fmt: skip


def artist_record(row: ArtistRow) -> ArtistRecord:
    """The row with what is drawn for it: ids and handles for some, none for others."""
    draw = Draw(f"artist/{row.id}")
    links = {"instagram": row.handle, "bandcamp": f"https://{row.handle}.example/"} if row.handle else None
    return ArtistRecord(
        id=row.id,
        name=row.name,
        aliases=row.aliases,
        country=row.country,
        formation_year=int(row.formed[:4]) if row.formed else None,
        formation_date=row.formed if row.formed and len(row.formed) == DAY_LENGTH else None,
        social_links=links,
        wikidata_id=wikidata_id(row.id) if draw.chance(0.5) else None,
        musicbrainz_id=musicbrainz_id("artist", row.id) if draw.chance(0.6) else None,
        popularity=draw.popularity(80_000) if draw.chance(0.9) else None,
    )


def active(year: int) -> list[ArtistRow]:
    """Artists with releases who were about in that year: formed by then, not more than CAREER years before."""
    return [row for row in ARTISTS if row.plan and (not row.formed or 0 <= year - int(row.formed[:4]) <= CAREER)]


BY_ID = {row.id: row for row in ARTISTS}
