"""Keys are looked up by their hash."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        ops.RunSQL(
            "create unique index api_key_hash on api_key(hash)",
            reverse_sql="drop index api_key_hash",
        )
    ]
