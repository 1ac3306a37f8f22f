"""Tables of accounts and their API keys, in the schema `accounts`, which both catalogs share."""

from tortoise import fields
from tortoise.models import Model


class Account(Model):
    id = fields.IntField(primary_key=True)
    email = fields.CharField(max_length=320, unique=True)  # lower case
    plan = fields.CharField(max_length=30)
    email_verified_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "account"


class ApiKey(Model):
    """A key as we keep it: never its text, only the SHA-256 of it and enough to recognise it in a list."""

    id = fields.IntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "accounts.Account", related_name="keys", on_delete=fields.CASCADE
    )
    hash = fields.BinaryField()  # unique by an index of the migration: Tortoise cannot index bytes
    hint = fields.CharField(max_length=20)  # the prefix and the last four characters
    test = fields.BooleanField()
    name = fields.CharField(max_length=100)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"
