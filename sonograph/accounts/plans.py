"""What each plan includes: one table, ours or as an operator's file changes it (docs/reference/plans.md)."""

import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

from sonograph.errors import Invalid, Misconfigured

BURST_SECONDS = 60  # the rolling window of the burst limit
MAX_CREDITS = 10**12  # a month: counters are bigints, and sums of them must stay ones
MAX_BURST = 100_000  # a key: the times of all its requests in the window are kept
MAX_COST = 50_000  # of an operation: schema/projection/limits.py refuses more whatever the plan says
MAX_KEYS = 1_000
MAX_CONNECTIONS = 1_000_000
NAME = re.compile(r"[a-z][a-z0-9_-]{0,29}")  # account.plan has 30 characters

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of the table."""

    name: str
    monthly_credits: int
    burst: int  # requests a key may send in 60 seconds
    paid: bool  # whether it includes the paid endpoints: browse, identify, suggestions, streams, webhooks
    operation_cost: int  # of one GraphQL operation, in fields (docs/reference/graphql.md)
    max_keys: int  # that an account may have in force
    max_connections: int = 200  # WebSockets and event streams that an account may have open in one process


PLANS = (
    Plan("free", 1_000, burst=20, paid=False, operation_cost=5_000, max_keys=5, max_connections=20),
    Plan("starter", 50_000, burst=60, paid=True, operation_cost=10_000, max_keys=10, max_connections=200),
    Plan("growth", 500_000, burst=300, paid=True, operation_cost=25_000, max_keys=25, max_connections=2_000),
    Plan("scale", 5_000_000, burst=1_000, paid=True, operation_cost=50_000, max_keys=100, max_connections=20_000),
)
BOUNDS = {
    "monthly_credits": MAX_CREDITS,
    "burst": MAX_BURST,
    "operation_cost": MAX_COST,
    "max_keys": MAX_KEYS,
    "max_connections": MAX_CONNECTIONS,
}
MEMBERS = {f.name for f in fields(Plan)} - {"name"}
NEEDED = {f.name for f in fields(Plan) if f.default is MISSING} - {"name"}  # of a new plan


class PlanTable(Mapping[str, Plan]):
    """Plans by name, in order, and the one for accounts whose plan is not in the table: the first that is not paid."""

    def __init__(self, plans: tuple[Plan, ...] = PLANS) -> None:
        self._plans = {plan.name: plan for plan in plans}
        self._unknown = set[str]()
        self.default = next((plan for plan in plans if not plan.paid), None) or plans[0]

    def __getitem__(self, name: str) -> Plan:
        return self._plans[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plans)

    def __len__(self) -> int:
        return len(self._plans)

    def of(self, name: str) -> Plan:
        """The plan of an account; the default where the table has no such plan any more, which is logged once."""
        plan = self._plans.get(name)
        if plan is not None:
            return plan
        if name not in self._unknown:
            self._unknown.add(name)
            _log.warning("accounts have the plan %r, which is not in the table: served as %s", name, self.default.name)
        return self.default

    def checked(self, name: str) -> Plan:
        """The plan of that name; raises `Invalid` for what is none."""
        if name not in self._plans:
            raise Invalid(f"plan: must be one of {', '.join(self)}", "plan")
        return self._plans[name]


def load_plans(path: Path | None) -> PlanTable:
    """The table with what a TOML file changes: members of known plans, new plans, and plans taken out of it."""
    if path is None:
        return PlanTable()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"SONOGRAPH_PLANS_FILE: {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"SONOGRAPH_PLANS_FILE: {path} is not TOML: {error}") from None
    for name in given.keys() - {"plans", "without"}:
        raise Misconfigured(f"SONOGRAPH_PLANS_FILE: {name}: there is no such member; use plans and without")
    plans = {plan.name: plan for plan in PLANS}
    for name in _without(given.get("without", [])):
        if plans.pop(name, None) is None:
            raise Misconfigured(f"SONOGRAPH_PLANS_FILE: without: there is no plan {name!r} to take out")
    tables = given.get("plans", {})
    if not isinstance(tables, dict):
        raise Misconfigured("SONOGRAPH_PLANS_FILE: plans must be tables: [plans.name]")
    for name, members in tables.items():
        plans[name] = _plan(name, members, plans.get(name))
    if not plans:
        raise Misconfigured("SONOGRAPH_PLANS_FILE: no plan is left")
    return PlanTable(tuple(plans.values()))


def _without(names: Any) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Misconfigured("SONOGRAPH_PLANS_FILE: without must be a list of names")
    return names


def _plan(name: str, members: Any, known: Plan | None) -> Plan:
    where = f"SONOGRAPH_PLANS_FILE: plans.{name}"
    if not NAME.fullmatch(name):
        raise Misconfigured(f"{where}: names are a-z, 0-9, - and _, at most 30, a letter first")
    if not isinstance(members, dict):
        raise Misconfigured(f"{where}: must be a table")
    for member, value in members.items():
        if member not in MEMBERS:
            raise Misconfigured(f"{where}.{member}: there is no such member; use {', '.join(sorted(MEMBERS))}")
        if member == "paid":
            if not isinstance(value, bool):
                raise Misconfigured(f"{where}.paid: must be true or false")
        elif type(value) is not int or not 1 <= value <= BOUNDS[member]:
            raise Misconfigured(f"{where}.{member}: must be a whole number, 1 to {BOUNDS[member]}")
    if known is not None:
        return replace(known, **members)
    missing = sorted(NEEDED - members.keys())
    if missing:
        raise Misconfigured(f"{where}: a new plan needs {', '.join(missing)}, too")
    return Plan(name, **members)
