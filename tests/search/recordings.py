"""What the catalog of these tests holds."""

from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    LabelRecord,
    Place,
    Ref,
    ReleaseRecord,
    TrackRecord,
)

# (artist, popularity, titles); " / " parts several artists, the second one a guest.
BY_ARTIST = [
    ("Daft Punk", 900, ["One More Time", "Around the World", "Harder, Better, Faster, Stronger", "Aerodynamic"]),
    ("Daft Punk", 950, ["One More Time (Radio Edit)"]),
    ("Fatboy Slim", 500, ["Praise You", "Right Here, Right Now", "The Rockafeller Skank"]),
    ("Cornershop", 400, ["Brimful of Asha", "Brimful of Asha (Norman Cook Remix)"]),
    ("The Chemical Brothers / Q-Tip", 450, ["Galvanize"]),
    ("The Beatles", 1000, ["Help!", "Yesterday", "Let It Be - Remastered 2009"]),
    ("Кино", 300, ["Группа крови", "Звезда по имени Солнце"]),
    ("Beyoncé", 800, ["Déjà Vu", "Halo"]),
    ("Sun", 10, ["Moon", "Sun"]),
    ("Moon", 5, ["Sun"]),
    ("U2", 700, ["One", "With or Without You"]),
    ("David Bowie", 850, ["Heroes", "Space Oddity"]),
    ("Simon & Garfunkel", 650, ["America", "The Sound of Silence"]),
    ("初音ミク", 200, ["千本桜"]),
    ("Holiday", 1, ["Chrome"]),
    ("Green Day", 600, ["Holiday"]),
    ("!!!", 350, ["Heart of Hearts", "???"]),
    ("+/-", 60, ["All I Do"]),
    ("∆", 40, ["Tessellated", "÷", "†††"]),
    ("Wildchild", 320, ["Renegade Master"]),
    ("Wildchild", 310, ["Renegade Master (Fatboy Slim Remix)"]),
    ("Wildchild", 330, ["Renegade Master (Fatboy Slim Old Skool Edit)"]),
    ("Cher", 750, ["Believe", "Life"]),
    ("Cher", 760, ["Believe (Club 69 Future Mix)", "Believe in Me"]),
    ("Adele", 770, ["Hello (Live)", "Hello Goodbye"]),
    *((f"Green Dale {n}", n, ["Sunrise Anthem"]) for n in range(1, 31)),
    *((f"Anthem {n}", n, [f"Sunrise Green Dale {n}"]) for n in range(1, 31)),
]  # fmt: skip
LABELS = ["Ninja Tune", "Warp Records", "Ostgut Ton", "Мелодия", "Warp Music"]


def _credits(names: str) -> tuple[Credit, ...]:
    first, *guests = names.split(" / ")
    return (
        Credit(artist=Ref(id=first, name=first), role="primary", join_phrase=" feat. " if guests else None),
        *(Credit(artist=Ref(id=guest, name=guest), role="featured") for guest in guests),
    )


def _records() -> list[AnyRecord]:
    artists = {name for names, _, _ in BY_ARTIST for name in names.split(" / ")}
    popular = {names.split(" / ")[0]: popularity for names, popularity, _ in BY_ARTIST}
    records: list[AnyRecord] = [
        ArtistRecord(id=name, name=name, popularity=popular.get(name, 0)) for name in sorted(artists)
    ]
    records += [LabelRecord(id=name, name=name) for name in LABELS]
    for names, popularity, titles in BY_ARTIST:
        tracks = [
            TrackRecord(id=f"{names}: {title}", title=title, artists=_credits(names), popularity=popularity)
            for title in titles
        ]
        records += tracks
        first = names.split(" / ")[0]
        records.append(
            ReleaseRecord(
                id=f"{names} {titles[0]}",
                title=f"{titles[0]} and more",
                artist=Ref(id=first, name=first),
                label=Ref(id=LABELS[popularity % 2], name=LABELS[popularity % 2]),
                tracks=tuple(Place(track=track.id, disc=1, number=n) for n, track in enumerate(tracks, 1)),
                popularity=popularity,
            )
        )
    single = Place(track="U2: One", disc=1, number=1)
    records.append(ReleaseRecord(id="?", title="Quadrophenia", artist=Ref(id="U2", name="U2"), tracks=(single,)))
    return records


RECORDS = _records()
