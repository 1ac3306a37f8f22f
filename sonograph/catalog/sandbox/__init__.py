"""The sandbox catalog: what test keys answer from. Openly fictional, the same on every machine.

Artists, labels, songs and codes are invented, and any likeness to real ones is chance; the codes come from ranges that
nobody is given (`invented`). The exception is `vendor`: the few facts about real records that public examples of the
/v1 API use. `python -m sonograph.catalog.sandbox` prints the records as JSONL, the format of `sonograph import jsonl`.

Rows get their database ids in the order of the records, so within each kind add at the end, and never reorder.
"""

from collections.abc import Iterator
from itertools import chain

from sonograph.catalog.records import AnyRecord
from sonograph.catalog.sandbox import awkward, labels, loose, showcases, vendor
from sonograph.catalog.sandbox.artists import ARTISTS, VARIOUS, artist_record
from sonograph.catalog.sandbox.discographies import discographies

# The first digits of the sha256 of all records, encoded as JSONL: a test holds the two together.
VERSION = "760d52c72b32"


def records() -> Iterator[AnyRecord]:
    """All records, each after those that it refers to: the vendor's examples first within each kind."""
    made = discographies()
    works = [work for discography in made for work in discography.works]
    releases = [release for discography in made for release in discography.releases]

    yield vendor.ARTIST
    yield VARIOUS
    yield from map(artist_record, ARTISTS)
    yield from loose.DOUBLE_ARTISTS

    yield vendor.LABEL
    yield from labels.label_records()
    yield loose.DOUBLE_LABEL

    yield vendor.WORK
    yield from chain(works, showcases.WORKS, (loose.DOUBLE_WORK,))

    yield from vendor.RELEASES
    yield from releases
    yield from showcases.releases()
    yield from awkward.albums()
    yield from showcases.compilations(releases)
    yield loose.DOUBLE_RELEASE
    yield from showcases.groups()

    yield from showcases.medleys(works)
    yield from loose.tracks()
    yield from loose.redirects()
