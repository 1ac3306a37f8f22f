from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Artist",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("popularity", fields.IntField()),
                ("release_count", fields.IntField()),
                ("formation_date", fields.DateField(null=True)),
                ("formation_year", fields.SmallIntField(null=True)),
                ("origin_id", fields.SmallIntField()),
                ("name", fields.TextField(unique=False)),
                ("country", fields.TextField(null=True, unique=False)),
                ("wikidata_id", fields.TextField(null=True, unique=False)),
                ("musicbrainz_id", fields.UUIDField(null=True)),
                ("social_links", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "artist", "app": "catalog", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Edition",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("release_id", fields.IntField()),
                ("release_date", fields.DateField(null=True)),
                ("medium_count", fields.SmallIntField(null=True)),
                ("track_count", fields.SmallIntField(null=True)),
                ("source", fields.SmallIntField()),
                ("kind", fields.SmallIntField(null=True)),
                ("format", fields.SmallIntField(null=True)),
                ("date_precision", fields.SmallIntField(null=True)),
                ("origin_id", fields.SmallIntField()),
                ("official", fields.BooleanField(null=True)),
                ("external_id", fields.TextField(unique=False)),
                ("group_external_id", fields.TextField(null=True, unique=False)),
                ("title", fields.TextField(null=True, unique=False)),
                ("barcode", fields.TextField(null=True, unique=False)),
                ("unverified_barcode", fields.TextField(null=True, unique=False)),
                ("country", fields.TextField(null=True, unique=False)),
                ("label", fields.TextField(null=True, unique=False)),
                ("catalog_no", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "edition",
                "app": "catalog",
                "pk_attr": "id",
                "table_description": "One published pressing, file or box of a release, as one source lists it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Genre",
            fields=[
                ("id", fields.SmallIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("parent_id", fields.SmallIntField(null=True)),
                ("name", fields.TextField(unique=False)),
            ],
            options={
                "table": "genre",
                "app": "catalog",
                "pk_attr": "id",
                "table_description": "A canonical main genre (no parent) or subgenre.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportRun",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=20)),
                ("path", fields.TextField(unique=False)),
                ("digest", fields.CharField(max_length=64)),
                ("position", fields.BigIntField()),
                ("counts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "import_run",
                "app": "catalog",
                "pk_attr": "id",
                "table_description": "One import of one file: how far it came, so that it can go on after a crash.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Label",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("popularity", fields.IntField()),
                ("release_count", fields.IntField()),
                ("origin_id", fields.SmallIntField()),
                ("name", fields.TextField(unique=False)),
            ],
            options={"table": "label", "app": "catalog", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Origin",
            fields=[
                ("id", fields.SmallIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("licence", fields.CharField(max_length=100)),
                ("url", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "origin",
                "app": "catalog",
                "pk_attr": "id",
                "table_description": "Where rows come from, and under which licence.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Release",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("artist_id", fields.IntField()),
                ("label_id", fields.IntField(null=True)),
                ("release_date", fields.DateField(null=True)),
                ("popularity", fields.IntField()),
                ("track_count", fields.IntField()),
                ("origin_id", fields.SmallIntField()),
                ("date_precision", fields.SmallIntField(null=True)),
                ("title", fields.TextField(unique=False)),
                ("title_key", fields.TextField(unique=False)),
                ("catalog_no", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "release",
                "app": "catalog",
                "pk_attr": "id",
                "table_description": "One record that groups every edition of an album, single or compilation.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Track",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("popularity", fields.IntField()),
                ("duration", fields.IntField(null=True)),
                ("released", fields.DateField(null=True)),
                ("bpm", fields.FloatField(null=True)),
                ("origin_id", fields.SmallIntField()),
                ("camelot", fields.CharField(null=True, max_length=3)),
                ("title", fields.TextField(unique=False)),
                ("title_key", fields.TextField(unique=False)),
                ("search_text", fields.TextField(unique=False)),
            ],
            options={"table": "track", "app": "catalog", "pk_attr": "id", "table_description": "A recording."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Work",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("origin_id", fields.SmallIntField()),
                ("title", fields.TextField(unique=False)),
            ],
            options={"table": "work", "app": "catalog", "pk_attr": "id", "table_description": "A composition."},
            bases=["Model"],
        ),
    ]
