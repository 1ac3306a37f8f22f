"""What is kept of people for a while and then goes."""

from datetime import datetime, timedelta

import asyncpg

from sonograph import clock
from sonograph.accounts.sessions import IDLE

KEEP_AUDIT = timedelta(days=400)
KEEP_LINKS = timedelta(days=30)  # after their end: so long a link that was used says so
KEEP_KEYS = timedelta(days=400)  # after their end: usage names them
KEEP_UNVERIFIED = timedelta(days=30)  # sign-ups whose address nobody has confirmed
BATCH = 10_000  # rows in a statement, so that none holds locks for long

AUDIT = """delete from accounts.audit where ctid = any(array(
  select ctid from accounts.audit where at < $1 limit $2))"""
EXPIRED_SESSIONS = """delete from accounts.session where ctid = any(array(
  select ctid from accounts.session where expires_at < $1 limit $2))"""
IDLE_SESSIONS = """delete from accounts.session where ctid = any(array(
  select ctid from accounts.session where seen_at < $1 limit $2))"""
LINKS = """delete from accounts.mail_link where ctid = any(array(
  select ctid from accounts.mail_link where expires_at < $1 limit $2))"""
KEYS = """delete from accounts.api_key where ctid = any(array(
  select ctid from accounts.api_key where least(revoked_at, expires_at) < $1 limit $2))"""
UNVERIFIED = """delete from accounts.account where ctid = any(array(
  select ctid from accounts.account a where email_verified_at is null and password_hash is null and created_at < $1
    and not exists (select from accounts.api_key k where k.account_id = a.id) limit $2))"""


async def sweep_accounts(pool: asyncpg.Pool) -> int:
    """Delete what is too old; how many rows."""
    now = clock.now()
    deleted = 0
    for statement, before in (
        (AUDIT, now - KEEP_AUDIT),
        (EXPIRED_SESSIONS, now),
        (IDLE_SESSIONS, now - IDLE),
        (LINKS, now - KEEP_LINKS),
        (KEYS, now - KEEP_KEYS),
        (UNVERIFIED, now - KEEP_UNVERIFIED),
    ):
        deleted += await _in_batches(pool, statement, before)
    return deleted


async def _in_batches(pool: asyncpg.Pool, statement: str, before: datetime) -> int:
    deleted = 0
    while True:
        count = int((await pool.execute(statement, before, BATCH)).split()[-1])
        deleted += count
        if count < BATCH:
            return deleted
