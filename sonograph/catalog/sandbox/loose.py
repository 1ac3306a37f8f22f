"""Tracks without a release, and ids that were merged into others."""

from collections.abc import Iterator

from sonograph.catalog.records import (
    ArtistRecord,
    Credit,
    LabelRecord,
    Link,
    RedirectRecord,
    Ref,
    ReleaseRecord,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.sandbox import facts, invented
from sonograph.catalog.sandbox.artists import active
from sonograph.catalog.sandbox.styles import STYLES

SHARED_VIDEO = Link(source="youtube", id=invented.youtube_id("a video with two songs"))
SHARED_ISRC = invented.isrc("one code on two recordings", 2010)

# Rows that were entered twice: they come with the others of their kind, and the redirects below merge them.
DOUBLE_ARTISTS = (ArtistRecord(id="nadir-pelt-double", name="Nadir  Pelt"), ArtistRecord(id="u-09", name="UNIT-09"))
DOUBLE_LABEL = LabelRecord(id="night-ferry-double", name="Night Ferry Rec.")
DOUBLE_WORK = WorkRecord(id="the-ferrymans-waltz-double", title="Ferrymans Waltz, The")
DOUBLE_RELEASE = ReleaseRecord(id="paper-carousel-double", title="Paper Carrousel", artist=Ref(id="penny-arcadia"))


def tracks() -> Iterator[TrackRecord]:
    """Nothing known but title and artist; one title by many; oddities of length, tempo and codes."""
    yield TrackRecord(id="loose/bare", title="White Label", artists=(facts.credit("unit-zero-nine"),))
    yield TrackRecord(id="loose/only-artist", title="Untitled", artists=(facts.credit("session-only"),))
    for number, row in enumerate(active(2000)[1::4], start=1):
        yield facts.recording(
            f"loose/home/{number}", "Home", [facts.credit(row.id)], facts.Origin(STYLES[row.style], 2000 + number)
        )
    yield TrackRecord(
        id="loose/silence",
        title="One Second of Silence",
        artists=(facts.credit("foley-cupboard"),),
        duration=1,
        bpm=0.5,
    )
    yield TrackRecord(id="loose/zero", title="Locked Groove", artists=(facts.credit("emoji"),), duration=0)
    yield TrackRecord(
        id="loose/day",
        title="Twenty-Four Hours of the Marsh",
        artists=(facts.credit("thirteen-pylons"),),
        duration=86_400,
        genres=("Drone", "Field Recordings"),
    )
    yield TrackRecord(
        id="loose/fast", title="Thousand", artists=(facts.credit("gabberghast"),), bpm=999.99, genres=("Speedcore", 700)
    )
    for number, artist in enumerate(("lil-parsnip", "undershelf"), start=1):
        yield TrackRecord(
            id=f"loose/shared/{number}",
            title=f"Shared Code, Part {number}",
            artists=(facts.credit(artist),),
            duration=180,
            isrcs=(SHARED_ISRC,),
            links=(SHARED_VIDEO,),
            popularity=500 // number,
        )
    yield TrackRecord(
        id="loose/named-guest",
        title="Guest from Nowhere",
        artists=(
            Credit(artist=Ref(id="saffron-roller"), join_phrase=" presents "),
            Credit(artist=Ref(id="guest-from-nowhere", name="Guest from Nowhere"), credited_as="G.F.N."),
        ),
    )
    yield TrackRecord(id="loose/home-double", title="Home (double entry)", artists=(facts.credit("velour-antenna"),))


def redirects() -> Iterator[RedirectRecord]:
    """One of each kind at least; `id` was a row of its own before."""
    yield RedirectRecord(kind="artist", id=DOUBLE_ARTISTS[0].id, into="nadir-pelt")
    yield RedirectRecord(kind="artist", id=DOUBLE_ARTISTS[1].id, into="unit-zero-nine")
    yield RedirectRecord(kind="label", id=DOUBLE_LABEL.id, into="night-ferry")
    yield RedirectRecord(kind="work", id=DOUBLE_WORK.id, into="the-ferrymans-waltz")
    yield RedirectRecord(kind="release", id=DOUBLE_RELEASE.id, into="paper-carousel")
    yield RedirectRecord(kind="track", id="loose/home-double", into="loose/home/1")
