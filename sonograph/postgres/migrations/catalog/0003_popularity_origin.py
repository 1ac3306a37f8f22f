"""Whose figure a popularity is, so that listen counts outlive the next import and estimates never replace one."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_narrow_tables")]

    operations = [
        ops.AddField(model_name="Artist", name="popularity_origin", field=fields.SmallIntField(null=True)),
        ops.AddField(model_name="Release", name="popularity_origin", field=fields.SmallIntField(null=True)),
        ops.AddField(model_name="Track", name="popularity_origin", field=fields.SmallIntField(null=True)),
    ]
