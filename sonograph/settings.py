"""All settings: environment variables SONOGRAPH_*, each with its default and a sentence; read here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self, get_args

from sonograph.errors import Misconfigured

PREFIX = "SONOGRAPH_"
MOST_DATABASE_WAIT = 3600  # seconds
LEAST_EVENT_HOURS, MOST_EVENT_HOURS = 24, 8_760  # /v1 promises 24; the log of a year is as large as an operator's disk


def setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Values in force. `Settings.read()` takes them from the environment."""

    data_dir: Path = setting(Path("data"), "Folder of everything we keep on disk: the embedded database, logs.")
    database_url: str | None = setting(None, "postgresql:// URL of a server (15 or later); unset: the embedded one.")
    database_wait: int = setting(60, "How many seconds a server that is away is waited for at the start: 0 to 3,600.")
    read_database_url: str | None = setting(None, "A read replica for catalog reads; unset: the database itself.")
    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8080, "Port to listen on.")
    public_url: str | None = setting(None, "How clients reach us, for links we print; unset: from host and port.")
    trusted_proxies: str = setting(
        "", "Addresses or networks, with commas, of reverse proxies whose X-Forwarded-For is believed."
    )
    sign_up: bool = setting(default=True, sentence="Whether anybody may sign up; off: operators make the accounts.")
    smtp_url: str | None = setting(
        None, "smtp://user:password@host:port?starttls or smtps://…; unset: mail is logged and kept in DATA_DIR/mail."
    )
    mail_from: str = setting("Sonograph <sonograph@localhost>", "Sender of our mail.")
    pool_size: int = setting(8, "Database connections for each catalog and process.")
    statement_timeout_ms: int = setting(2000, "Longest time a catalog read may take in the database, in ms.")
    plan_cache_size: int = setting(1000, "Compiled GraphQL operations kept in memory.")
    compiled_reads: bool = setting(default=True, sentence="Answer plain reads by compiled SQL; off: by the executor.")
    limits_url: str | None = setting(
        None, "redis:// or valkey:// URL where processes share the counts of limits; unset: each has its own."
    )
    stripe_key: str | None = setting(None, "Secret key of Stripe, which then bills streams (docs/how-to/billing.md).")
    stripe_price: str | None = setting(None, "Id of the price of a stream at Stripe: price_….")
    stripe_webhook_secret: str | None = setting(None, "Signing secret of the webhook at /billing/stripe: whsec_….")
    plans_file: Path | None = setting(None, "TOML file that changes or adds plans (docs/reference/plans.md).")
    introspection: bool = setting(default=True, sentence="Whether clients may ask for the GraphQL schema.")
    field_suggestions: bool = setting(
        default=True, sentence="Whether errors say which field of the GraphQL schema may have been meant."
    )
    persisted_operations: Path | None = setting(
        None, "GraphQL operations known by an id: a manifest of Apollo's or Relay's tools, or a folder of them."
    )
    persisted_only: bool = setting(default=False, sentence="Serve no GraphQL operation but the persisted ones.")
    recognition_workers: int | None = setting(
        None, "Processes that identify audio; unset: as many as the machine has cores, at most two."
    )
    recognition_queue: int = setting(8, "Requests to identify that may wait for such a process; more are refused.")
    recognition_seconds: int = setting(120, "Longest time that identifying may take, in seconds.")
    event_hours: int = setting(
        24, "How many hours events are kept for listeners that come back: 24 to 8,760; the newest 10,000 in any case."
    )
    monitor_streams: int = setting(200, "Radio streams that one monitor watches at most; 150 keep a core busy.")
    monitor_threads: int = setting(2, "Threads in which a monitor listens to its streams.")
    allow_private_addresses: str = setting(
        "", "Addresses or networks, with commas, that streams may lead to though they are not public: 192.168.0.0/16."
    )
    report_templates: Path | None = setting(
        None, "Folder of more column templates for reports of plays (docs/how-to/report-plays.md)."
    )
    log_format: str = setting("text", "text or json.")
    log_level: str = setting("info", "debug, info, warning or error.")

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("log_level", self.log_level.lower(), ("debug", "info", "warning", "error")),
            ("log_format", self.log_format, ("text", "json")),
        ):
            if value not in allowed:
                raise Misconfigured(f"{PREFIX}{name.upper()}: {value!r} is none of {', '.join(allowed)}")
        for name, number, most in (
            ("port", self.port, 65535),
            ("pool_size", self.pool_size, 1000),
            ("statement_timeout_ms", self.statement_timeout_ms, 600_000),
            ("plan_cache_size", self.plan_cache_size, 1_000_000),
            ("recognition_workers", self.recognition_workers or 1, 256),
            ("recognition_queue", self.recognition_queue or 1, 10_000),
            ("recognition_seconds", self.recognition_seconds, 3600),
            ("monitor_streams", self.monitor_streams, 10_000),
            ("monitor_threads", self.monitor_threads, 64),
        ):
            if not 1 <= number <= most:
                raise Misconfigured(f"{PREFIX}{name.upper()}: must be 1 to {most}")
        if not LEAST_EVENT_HOURS <= self.event_hours <= MOST_EVENT_HOURS:
            raise Misconfigured(f"{PREFIX}EVENT_HOURS: must be {LEAST_EVENT_HOURS} to {MOST_EVENT_HOURS}")
        if self.database_wait > MOST_DATABASE_WAIT:
            raise Misconfigured(f"{PREFIX}DATABASE_WAIT: must be 0 to {MOST_DATABASE_WAIT}")

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings of an environment; a value that does not fit is refused with the variable's name."""
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        values = {f.name: _parse(name, environment[name], f.type) for name, f in known.items() if environment.get(name)}
        return cls(**values)

    @property
    def base_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


def _parse(name: str, text: str, wanted: Any) -> Any:
    kinds = get_args(wanted) or (wanted,)
    if bool in kinds:
        if text.lower() not in ("1", "true", "yes", "on", "0", "false", "no", "off"):
            raise Misconfigured(f"{name}: {text!r} is neither true nor false")
        return text.lower() in ("1", "true", "yes", "on")
    if int in kinds:
        if not text.isdecimal():
            raise Misconfigured(f"{name}: {text!r} is not a whole number")
        return int(text)
    return Path(text) if Path in kinds else text


def described() -> list[tuple[str, str, str]]:
    """(variable, default, sentence) of every setting, for --help and the reference page."""
    return [
        (PREFIX + f.name.upper(), "" if f.default is None else str(f.default), f.metadata["sentence"])
        for f in fields(Settings)
    ]
