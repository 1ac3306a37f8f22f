"""Invented labels. `styles` says whose artists they publish; one without styles publishes nothing."""

from dataclasses import dataclass

from sonograph.catalog.records import LabelRecord


@dataclass(frozen=True, slots=True)
class LabelRow:
    id: str
    name: str
    styles: tuple[str, ...]
    prefix: str  # of its catalogue numbers
    aliases: tuple[str, ...] = ()
    popularity: int | None = None


LABELS = (
    LabelRow(
        "night-ferry",
        "Night Ferry Recordings",
        ("house", "techno", "garage", "jungle", "disco"),
        "NFR",
        ("Night Ferry",),
        52_000,
    ),
    LabelRow("pewter-plate", "Pewter Plate", ("techno", "trance", "hard"), "PWT", (), 31_000),
    LabelRow("tin-meridian", "Tin Meridian", ("electronica", "ambient", "synth"), "TM", ("TM Editions",), 18_000),
    LabelRow(
        "hedgerow", "Hedgerow & Daughters", ("folk", "country", "indie"), "HD", ("Hedgerow and Daughters",), 9_000
    ),
    LabelRow("kettle-drum", "Kettle Drum Records", ("jazz", "blues", "soul"), "KDR-", ("KDR",), 24_000),
    LabelRow("lowland-bass", "Lowland Bass Bureau", ("bass", "jungle"), "LBB", (), 7_000),
    LabelRow("plywood", "Plywood Palace", ("punk", "rock", "indie"), "PLY ", (), 12_000),
    LabelRow("anvil-orchard", "Anvil Orchard", ("metal", "hard"), "AO-", (), 4_000),
    LabelRow(
        "corner-ledger", "Corner Ledger Ent.", ("hip-hop", "soul"), "CLE", ("Corner Ledger Entertainment",), 41_000
    ),
    LabelRow("sugar-balcony", "Sugar Balcony", ("pop", "disco", "chanson"), "SUG", (), 66_000),
    LabelRow("tamarind", "Tamarind Wharf", ("reggae", "latin", "african"), "TW", (), 11_000),
    LabelRow("caravan-hall", "Caravan Hall", ("global", "african"), "CH ", (), 2_000),
    LabelRow("weathervane", "Weathervane Classics", ("classical",), "WVC ", ("Weathervane",), 6_000),
    LabelRow("last-observatory", "The Last Observatory", ("screen", "spoken"), "OBS", (), 1_500),
    LabelRow("blue-fish", "青い魚レコード", ("asian-pop",), "AOI-", ("Aoi Sakana Records",), 15_000),
    LabelRow("polynya", "Полынья", ("indie", "electronica"), "ПЛ ", ("Polynya",), 800),
    LabelRow("twin-a", "Twin Lantern", ("house",), "TWL", (), 300),
    LabelRow("twin-b", "Twin Lantern", ("folk",), "TLF", (), 40),  # another label of the same name
    LabelRow("empty-shelf", "Empty Shelf", (), "ES"),
    LabelRow("paper-moon-press", "Pâquerette & Fils Éditions Sonores", (), "PFE", ("Paquerette",), 0),
)


def label_records() -> list[LabelRecord]:
    return [LabelRecord(id=row.id, name=row.name, aliases=row.aliases, popularity=row.popularity) for row in LABELS]


BY_STYLE = {style: [row for row in LABELS if style in row.styles] for row in LABELS for style in row.styles}
BY_ID = {row.id: row for row in LABELS}
