"""Tables of the catalog that have an id of their own.

The narrow tables that tie them together have composite keys, which Tortoise 1.1 cannot express (a surrogate id would
cost 12 bytes a row with its index, several times a track): they stand as SQL in the first migration and are described
there. No foreign keys: the importers are the only writers, they write in order of dependency inside one transaction,
and a key check for each of the twelve rows that a track has would halve the speed of an import (ADR 0003).
"""

from tortoise import fields
from tortoise.models import Model


class Origin(Model):
    """Where rows come from, and under which licence."""

    id = fields.SmallIntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    licence = fields.CharField(max_length=100)
    url = fields.TextField(null=True)

    class Meta:
        table = "origin"


class Artist(Model):
    id = fields.IntField(primary_key=True)
    popularity = fields.IntField()
    release_count = fields.IntField()
    formation_date = fields.DateField(null=True)
    formation_year = fields.SmallIntField(null=True)
    origin_id = fields.SmallIntField()
    name = fields.TextField()
    country = fields.TextField(null=True)
    wikidata_id = fields.TextField(null=True)
    musicbrainz_id = fields.UUIDField(null=True)
    social_links = fields.JSONField(null=True)  # type: ignore[var-annotated]  # free-form by nature: {platform: handle}
    popularity_origin = fields.SmallIntField(null=True)  # vocabulary.OriginId; null: 0 because nobody told

    class Meta:
        table = "artist"


class Label(Model):
    id = fields.IntField(primary_key=True)
    popularity = fields.IntField()
    release_count = fields.IntField()
    origin_id = fields.SmallIntField()
    name = fields.TextField()

    class Meta:
        table = "label"


class Release(Model):
    """One record that groups every edition of an album, single or compilation."""

    id = fields.IntField(primary_key=True)
    artist_id = fields.IntField()
    label_id = fields.IntField(null=True)
    release_date = fields.DateField(null=True)
    popularity = fields.IntField()
    track_count = fields.IntField()
    origin_id = fields.SmallIntField()
    date_precision = fields.SmallIntField(null=True)  # vocabulary.DatePrecision
    title = fields.TextField()
    title_key = fields.TextField()
    catalog_no = fields.TextField(null=True)
    popularity_origin = fields.SmallIntField(null=True)  # vocabulary.OriginId; null: 0 because nobody told

    class Meta:
        table = "release"


class Edition(Model):
    """One published pressing, file or box of a release, as one source lists it."""

    id = fields.IntField(primary_key=True)
    release_id = fields.IntField()
    release_date = fields.DateField(null=True)
    medium_count = fields.SmallIntField(null=True)
    track_count = fields.SmallIntField(null=True)
    source = fields.SmallIntField()  # vocabulary.Platform
    kind = fields.SmallIntField(null=True)  # vocabulary.EditionKind
    format = fields.SmallIntField(null=True)  # vocabulary.EditionFormat
    date_precision = fields.SmallIntField(null=True)  # vocabulary.DatePrecision
    origin_id = fields.SmallIntField()
    official = fields.BooleanField(null=True)
    external_id = fields.TextField()
    group_external_id = fields.TextField(null=True)
    title = fields.TextField(null=True)
    barcode = fields.TextField(null=True)  # digits with a right check digit
    unverified_barcode = fields.TextField(null=True)  # digits as printed whose check digit is wrong
    country = fields.TextField(null=True)
    label = fields.TextField(null=True)
    catalog_no = fields.TextField(null=True)

    class Meta:
        table = "edition"


class Track(Model):
    """A recording."""

    id = fields.IntField(primary_key=True)
    popularity = fields.IntField()
    duration = fields.IntField(null=True)  # seconds
    released = fields.DateField(null=True)  # of its first release with a date
    bpm = fields.FloatField(null=True)
    origin_id = fields.SmallIntField()
    camelot = fields.CharField(max_length=3, null=True)  # musical key in alphanumeric notation: 1A to 12B
    title = fields.TextField()
    title_key = fields.TextField()
    search_text = fields.TextField()  # names.search_text(): what full-text search matches besides title_key
    popularity_origin = fields.SmallIntField(null=True)  # vocabulary.OriginId; null: 0 because nobody told

    class Meta:
        table = "track"


class Work(Model):
    """A composition."""

    id = fields.IntField(primary_key=True)
    origin_id = fields.SmallIntField()
    title = fields.TextField()

    class Meta:
        table = "work"


class Genre(Model):
    """A canonical main genre (no parent) or subgenre."""

    id = fields.SmallIntField(primary_key=True)
    parent_id = fields.SmallIntField(null=True)
    name = fields.TextField()

    class Meta:
        table = "genre"


class ImportRun(Model):
    """One import of one file: how far it came, so that it can go on after a crash."""

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(max_length=20)
    path = fields.TextField()
    digest = fields.CharField(max_length=64)  # of the file's name, size and first MiB: which file this is
    position = fields.BigIntField()  # records read and committed
    counts = fields.JSONField()  # type: ignore[var-annotated]  # {outcome: how many}
    started_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "import_run"
