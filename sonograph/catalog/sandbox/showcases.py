"""Releases written out for what they show; docs/reference/sandbox.md points at them."""

# ruff: noqa: RUF001  # titles and names in many scripts: letters that look like Latin ones are meant

from collections.abc import Iterator, Sequence

from sonograph.catalog.records import (
    Credit,
    EditionRecord,
    Format,
    GroupRecord,
    Kind,
    Place,
    Ref,
    ReleaseRecord,
    SourcedKey,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.sandbox import facts, invented, labels
from sonograph.catalog.sandbox.artists import VARIOUS, active
from sonograph.catalog.sandbox.draw import Draw
from sonograph.catalog.sandbox.styles import STYLES

WALTZ = WorkRecord(
    id="the-ferrymans-waltz",
    title="The Ferryman's Waltz",
    iswcs=(invented.iswc("the-ferrymans-waltz/1"), invented.iswc("the-ferrymans-waltz/2")),
)
OVERTURE = WorkRecord(id="weathervane-overture", title="“The Weathervane” Overture", iswcs=(invented.iswc("overture"),))
CONCERTO = tuple(
    WorkRecord(
        id=f"lighthouse-concerto/{number}",
        title=f"Piano Concerto No. 2 in C minor, “The Lighthouse”: {movement}",
        iswcs=(invented.iswc(f"lighthouse-concerto/{number}"),),
    )
    for number, movement in enumerate(("I. Moderato", "II. Largo e tenebroso", "III. Presto con vento"), start=1)
)
ELEVATOR = WorkRecord(id="slow-elevator", title="Slow Elevator", iswcs=(invented.iswc("slow-elevator"),))
LIFEBOAT = WorkRecord(id="everybody-in-the-boat", title="Everybody in the Boat")  # not registered: no ISWC
UNRECORDED = WorkRecord(id="unrecorded", title="Song That Nobody Has Recorded", iswcs=(invented.iswc("unrecorded"),))
WORKS = (WALTZ, OVERTURE, *CONCERTO, ELEVATOR, LIFEBOAT, UNRECORDED)

LABEL_NAMES = {row.id: row.name for row in labels.LABELS}
VERSIONS = (
    "", "Original Mix", "Extended Mix", "Radio Edit", "Instrumental", "Acapella", "Dub Mix", "Remix", "VIP Mix", "Live",
    "Acoustic", "Acoustic Live at the Pier", "Demo", "2019 Remaster", "Sped Up", "Nadir Pelt Remix",
    "Nadir Pelt Dub", "Velour Antenna Vocal Remix", "Velour Antenna Radio Edit",
)  # fmt: skip
SALT_COUNTRIES = (
    "United States", "United Kingdom", "Germany", "Japan", "France", "Brazil", "Argentina", "South Africa",
    "Yugoslavia", "Greece", "New Zealand", "Israel",
)  # fmt: skip


def releases() -> Iterator[ReleaseRecord]:
    yield three_numberings()
    yield many_editions()
    yield ferrymen()
    yield versions()
    yield concerto()
    yield charity_single()
    yield from one_group_of_three()
    yield from one_group_of_two()
    yield from without_tracks()


def _places(tracks: Sequence[TrackRecord]) -> tuple[Place, ...]:
    return tuple(Place(track=track, disc=1, number=number) for number, track in enumerate(tracks, start=1))


def three_numberings() -> ReleaseRecord:
    """Vinyl on two records, CD in another order, digital with two bonus tracks; the same recordings."""
    key = "paper-carousel"
    names = (
        "Paper Carousel", "Chandelier", "Half a Postcard", "Sugar Letter", "Wednesday's Child Care", "Balcony Scene",
        "The Perfume Counter", "Late Bus Home", "Rainproof", "Confetti Weather", "Chandelier (Acoustic)",
        "Rainproof (Demo)",
    )  # fmt: skip
    tracks = [
        facts.recording(f"{key}/{n}", title, [facts.credit("penny-arcadia")], facts.Origin(STYLES["pop"], 2012, key, n))
        for n, title in enumerate(names, start=1)
    ]
    ids = [track.id for track in tracks]
    album = ids[:10]
    return ReleaseRecord(
        id=key,
        title="Paper Carousel",
        artist=Ref(id="penny-arcadia"),
        label=Ref(id="sugar-balcony"),
        release_date="2012-05-18",
        catalog_no="SUG112",
        popularity=61_000,
        tracks=_places(tracks),
        editions=(
            EditionRecord(
                source="discogs",
                id=invented.discogs_number("release", f"{key}/vinyl"),
                group_id=invented.discogs_number("master", key),
                kind="album",
                format="vinyl",
                official=True,
                release_date="2012-05",
                barcode=invented.barcode(f"{key}/vinyl"),
                country="Australia",
                label="Sugar Balcony",
                catalog_no="SUG112LP",
                medium_count=2,
                track_count=10,
                tracks=(*facts.numbered(album[:6]), *facts.numbered(album[6:], first_disc=2)),
            ),
            EditionRecord(
                source="musicbrainz",
                id=invented.musicbrainz_id("release", f"{key}/cd"),
                group_id=invented.musicbrainz_id("release-group", key),
                kind="album",
                format="cd",
                official=True,
                release_date="2012-05-18",
                barcode=invented.barcode(f"{key}/cd", 12),
                country="United Kingdom",
                label="Sugar Balcony",
                catalog_no="SUG112CD",
                medium_count=1,
                track_count=10,
                tracks=facts.numbered([album[0], *reversed(album[1:])]),
            ),
            EditionRecord(
                source="spotify",
                id=invented.spotify_id("album", key),
                title="Paper Carousel (Deluxe)",
                kind="album",
                format="digital",
                official=True,
                release_date="2013",
                track_count=12,
                tracks=facts.numbered(ids),
            ),
        ),
    )


def many_editions() -> ReleaseRecord:
    """An album that was pressed again and again: 26 editions, more than the 20 that /v1 shows."""
    key = "low-tide-almanac"
    names = ("January: Low Tide", "Salt Road", "The Almanac Maker", "Gull Arithmetic", "June, Barefoot",
             "Barometer Blues", "Eleven Anchors", "Kelp Cathedral", "November Rope", "Year's End Ferry")  # fmt: skip
    tracks = [
        facts.recording(f"{key}/{n}", title, [facts.credit("salt-year")], facts.Origin(STYLES["rock"], 1973, key, n))
        for n, title in enumerate(names, start=1)
    ]
    ids = [track.id for track in tracks]
    pressings = [
        _pressing(key, country, index, ids) for index, country in enumerate((*SALT_COUNTRIES, *SALT_COUNTRIES[:8]))
    ]
    media: tuple[tuple[Format, Kind], ...] = (
        ("dvd", "other"), ("mixed", "compilation"), ("other", "other"), ("cassette", "album"), ("digital", "remix"),
        ("cd", "live"),
    )  # fmt: skip
    rest = [
        EditionRecord(
            source="musicbrainz",
            id=invented.musicbrainz_id("release", f"{key}/{medium}"),
            group_id=invented.musicbrainz_id("release-group", key),
            title=f"Low Tide Almanac ({medium.upper()})",
            kind=kind,
            format=medium,
            official=medium != "other",
            release_date=str(2001 + index),
            medium_count=1 + index,
            tracks=facts.numbered(ids[: 10 - index]),
        )
        for index, (medium, kind) in enumerate(media)
    ]
    return ReleaseRecord(
        id=key,
        title="Low Tide Almanac",
        artist=Ref(id="salt-year"),
        label=Ref(id="plywood"),
        release_date="1973-09",
        catalog_no="PLY 1009",
        popularity=73_000,
        tracks=_places(tracks),
        editions=(*pressings, *rest),
    )


def _pressing(key: str, country: str, index: int, tracks: Sequence[str]) -> EditionRecord:
    year = 1973 + index
    compact_disc = index >= len(SALT_COUNTRIES)
    return EditionRecord(
        source="discogs",
        id=invented.discogs_number("release", f"{key}/{index}"),
        group_id=invented.discogs_number("master", key),
        kind="album",
        format="cd" if compact_disc else "vinyl",
        official=country != "Greece",
        release_date=f"{year}-0{1 + index % 9}" if index % 3 else str(year),
        barcode=invented.barcode(f"{key}/{index}", wrong=index % 5 == 0) if compact_disc else None,
        country=country,
        label="Plywood Palace",
        catalog_no=f"PLY {1009 + index}",
        medium_count=1,
        track_count=len(tracks),
        tracks=facts.numbered(tracks if index % 2 else tracks[:-1]),
    )


def ferrymen() -> ReleaseRecord:
    """One work, 28 recordings by 28 artists: its recordings do not fit on a page of 20."""
    key = "twenty-eight-ferrymen"
    performers = active(2016)[::2][:28]
    tracks = [
        facts.recording(
            f"{key}/{number}",
            "The Ferryman's Waltz" if number % 4 else f"The Ferryman's Waltz ({row.name} Version)",
            [facts.credit(row.id), Credit(artist=Ref(id="ignaz-wetterfahn"), role="composer")],
            facts.Origin(STYLES[row.style], 2016, key, number),
            (WALTZ.id,),
        )
        for number, row in enumerate(performers, start=1)
    ]
    places = facts.numbered([track.id for track in tracks], 2)
    return ReleaseRecord(
        id=key,
        title="Twenty-Eight Ferrymen",
        artist=Ref(id=VARIOUS.id),
        label=Ref(id="weathervane"),
        release_date="2016-11-04",
        popularity=8_000,
        tracks=tuple(
            Place(track=track, disc=place.disc, number=place.number)
            for track, place in zip(tracks, places, strict=True)
        ),
        editions=(
            facts.edition(
                facts.Published(key, "compilation", 2016, "Weathervane Classics", [t.id for t in tracks]), "cd"
            ),
        ),
    )


def versions() -> ReleaseRecord:
    """Titles that differ in their version words alone."""
    key = "slow-elevator"
    tracks = []
    for number, version in enumerate(VERSIONS, start=1):
        remixer = "nadir-pelt" if "Nadir" in version else "velour-antenna" if "Velour" in version else None
        credited = [
            facts.credit("kettledrift", join=" feat. "),
            Credit(artist=Ref(id="mirelle-okonta"), role="featured"),
        ]
        if remixer:
            credited.append(Credit(artist=Ref(id=remixer), role="remixer"))
        title = f"Slow Elevator ({version})" if version else "Slow Elevator"
        tracks.append(
            facts.recording(
                f"{key}/{number}", title, credited, facts.Origin(STYLES["house"], 2019, key, number), (ELEVATOR.id,)
            )
        )
    return ReleaseRecord(
        id=key,
        title="Slow Elevator (The Versions)",
        artist=Ref(id="kettledrift"),
        label=Ref(id="night-ferry"),
        release_date="2019-07-26",
        catalog_no="NFR100",
        popularity=33_000,
        tracks=_places(tracks),
    )


def concerto() -> ReleaseRecord:
    """Classical credits: composer, conductor, performer; a movement is a work of its own."""
    key = "lighthouse-concerto"
    credited = (
        Credit(artist=Ref(id="northmere-symphony"), join_phrase=", "),
        Credit(
            artist=Ref(id="ilse-brandauer-roth"), role="conductor", credited_as="I. Brandauer-Roth", join_phrase="; "
        ),
        Credit(artist=Ref(id="marguerite-bellweather"), role="performer"),
        Credit(artist=Ref(id="ignaz-wetterfahn"), role="composer"),
    )
    tracks = [
        facts.recording(f"{key}/{n}", work.title, credited, facts.Origin(STYLES["classical"], 1961, key, n), (work.id,))
        for n, work in enumerate(CONCERTO, start=1)
    ]
    return ReleaseRecord(
        id=key,
        title="Wetterfahn: Piano Concerto No. 2, “The Lighthouse”",
        artist=Ref(id="northmere-symphony"),
        label=Ref(id="weathervane"),
        release_date="1961",
        catalog_no="WVC 61-2",
        tracks=_places(tracks),
        editions=(
            EditionRecord(
                source="discogs",
                id=invented.discogs_number("release", key),
                kind="soundtrack",
                format="vinyl",
                barcode=invented.barcode(key, 8),
            ),
        ),
    )


def charity_single() -> ReleaseRecord:
    """Every member of a track at once, and fourteen artists on it, one of them known by this credit alone."""
    key = "everybody-in-the-boat"
    singers = active(2004)[:48:4]
    credited = [Credit(artist=Ref(id=row.id), join_phrase=", ") for row in singers[:-1]]
    credited.append(Credit(artist=Ref(id=singers[-1].id), credited_as=singers[-1].name.upper(), join_phrase=" & "))
    credited.append(Credit(artist=Ref(id="harbour-school-choir", name="The Harbour School Choir")))
    credited.append(Credit(artist=Ref(id="clockwork-lagoon"), role="producer"))
    credited += [Credit(artist=Ref(id=singers[1].id), role=role) for role in ("remixer", "composer")]
    track = TrackRecord(
        id=f"{key}/1",
        title="Everybody in the Boat",
        artists=tuple(credited),
        duration=367,
        isrcs=tuple(invented.isrc(f"{key}/{n}", 2004) for n in range(8)),
        bpm=98.75,
        key="F# minor",
        keys=(
            SourcedKey(source="beatport", key="11A"),
            SourcedKey(source="tidal", key="4m"),
            SourcedKey(source="analysis", key="A major"),
        ),
        genres=(1200, "Ballad", "Soul", 2905),
        works=(LIFEBOAT.id,),
        links=tuple(invented.link(source, key, key, "CD1-1") for source, _ in facts.LINKED),
        popularity=44_000,
    )
    return ReleaseRecord(
        id=key,
        title="Everybody in the Boat",
        artist=Ref(id="boat-appeal", name="The Lifeboat Appeal"),
        label=Ref(id="lifeboat-trust", name="Lifeboat Trust Editions"),
        release_date="2004-12-06",
        popularity=44_000,
        tracks=(
            Place(track=track, disc=1, number=1),
            Place(
                track=TrackRecord(
                    id=f"{key}/2",
                    title="Everybody in the Boat (Instrumental)",
                    artists=(Credit(artist=Ref(id="boat-appeal")),),
                    duration=367,
                    works=(LIFEBOAT.id,),
                ),
                disc=1,
                number=2,
            ),
        ),
    )


def one_group_of_three() -> Iterator[ReleaseRecord]:
    """Three records of one `group` are one release; the later ones bring editions, and a track more."""
    group = "harvest-of-antennas"
    credited = [facts.credit("quillon-harrow")]
    tracks = [
        facts.recording(f"{group}/{n}", title, credited, facts.Origin(STYLES["electronica"], 2008, group, n))
        for n, title in enumerate(("Mast", "Dish", "Wire", "Static Crop", "Weather Balloon"), start=1)
    ]
    ids = [track.id for track in tracks]
    for number, (medium, held) in enumerate((("vinyl", 4), ("cd", 4), ("digital", 5)), start=1):
        known = held if number > 1 else 0
        yield ReleaseRecord(
            id=f"{group}/{medium}",
            title="Harvest of Antennas",
            artist=Ref(id="quillon-harrow"),
            group=group,
            label=Ref(id="tin-meridian"),
            release_date=("2008-10-01", "2008-10-01", "2011-03-04")[number - 1],
            tracks=tuple(
                Place(track=ids[n] if n < min(known, 4) else tracks[n], disc=1, number=n + 1) for n in range(held)
            ),
            editions=(facts.edition(facts.Published(group, "ep", 2008, "Tin Meridian", ids[:held]), medium),),
        )


def one_group_of_two() -> Iterator[ReleaseRecord]:
    """The second record is the main one: its title stands. The date is the group's, the records have none."""
    key, credited = "quiet-pair", [facts.credit("cassette-duchess")]
    for number, title in enumerate(("Quiet Pair (Promo)", "Quiet Pair"), start=1):
        track = f"{key}/{number}"
        yield ReleaseRecord(
            id=track,
            title=title,
            artist=Ref(id="cassette-duchess"),
            group=key,
            main=number == 2,  # noqa: PLR2004  # the second of the two
            tracks=(
                Place(
                    track=facts.recording(
                        track, ("Left Channel", "Right Channel")[number - 1], credited,
                        facts.Origin(STYLES["synth"], 1984, key, number),
                    ),
                    disc=1,
                    number=number,
                ),
            ),
        )  # fmt: skip


def groups() -> Iterator[GroupRecord]:
    """What is known of groups as a whole; the last one has no release."""
    yield GroupRecord(id="quiet-pair", release_date="1984-11")
    yield GroupRecord(id="harvest-of-antennas", genres=(800, "Glitch"))
    yield GroupRecord(id="never-released", release_date="1977", genres=("Krautrock",))


def without_tracks() -> Iterator[ReleaseRecord]:
    """Known by name only."""
    yield ReleaseRecord(id="lost-tapes", title="The Lost Tapes", artist=Ref(id="gravel-joe"))
    yield ReleaseRecord(
        id="announced",
        title="Untitled Fourth Album",
        artist=Ref(id="nadir-pelt"),
        label=Ref(id="pewter-plate"),
        release_date="2026",
    )
    yield ReleaseRecord(
        id="box-set",
        title="Complete Recordings 1938–1951",
        artist=Ref(id="linden-big-band"),
        release_date="1999-04",
        editions=(
            EditionRecord(source="discogs", id=invented.discogs_number("release", "box-set"), format="mixed",
                          medium_count=40, track_count=812),
        ),
    )  # fmt: skip


def medleys(works: Sequence[WorkRecord]) -> Iterator[TrackRecord]:
    """Recordings of several works; the ISWCs of all of them belong to the track."""
    registered = [work for work in works if work.iswcs]
    for number, (artist, size) in enumerate(
        (("delphine-aubry-cole", 3), ("heron-and-miller", 5), ("honest-raincoats", 2)), start=1
    ):
        own = [work for work in registered if work.id.startswith(f"{artist}/")]
        chosen = Draw(f"medley/{number}").some(own, size)
        yield facts.recording(
            f"medley/{number}",
            "Medley: " + " / ".join(work.title for work in chosen),
            [facts.credit(artist)],
            facts.Origin(STYLES["pop"], 1994),
            [work.id for work in chosen],
        )
    yield facts.recording(
        "medley/4",
        "Overture & Waltz",
        [facts.credit("weathervane-quartet")],
        facts.Origin(STYLES["classical"], 1990),
        [OVERTURE.id, WALTZ.id],
    )


def compilations(releases: Sequence[ReleaseRecord]) -> Iterator[ReleaseRecord]:
    """By Various Artists, made of tracks of earlier releases (a sampler: of its label), here by their ids."""
    for key, title, label, date, count in (
        ("night-ferry-sampler-1", "Night Ferry Sampler, Vol. 1", "night-ferry", "2017-03-31", 14),
        ("night-ferry-sampler-2", "Night Ferry Sampler, Vol. 2", "night-ferry", "2018-04-27", 16),
        ("harbour-radio", "Harbour Radio: 40 Songs for the Crossing", "sugar-balcony", "2020", 40),
        ("lowlands", "Lowlands", None, None, 12),
        ("night-shift", "夜勤 Night Shift Ночная смена", "blue-fish", "2022-09", 18),
    ):
        earlier = [
            place.track.id
            for release in releases
            for place in release.tracks
            if not isinstance(place.track, str) and (release.release_date or "9") < (date or "9")
            if "sampler" not in key or (release.label and release.label.id == label)
        ]
        ids = Draw(f"compilation/{key}").some(earlier, count)
        yield ReleaseRecord(
            id=key,
            title=title,
            artist=Ref(id=VARIOUS.id),
            label=Ref(id=label) if label else None,
            release_date=date,
            popularity=Draw(f"compilation/{key}/popularity").popularity(),
            tracks=facts.numbered(ids, 2 if count > 20 else 1),  # noqa: PLR2004  # what fits on one CD
            editions=(
                facts.edition(
                    facts.Published(
                        key, "compilation", int(date[:4]) if date else None, LABEL_NAMES[label] if label else None, ids
                    ),
                    "cd",
                ),
            ),
        )
