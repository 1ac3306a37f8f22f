"""Write tree + finds as one SQL statement that returns finished JSON text, once for each combination of find forms."""

import re
from collections.abc import Sequence
from typing import Any

from schema.projection.mapping import Relation
from schema.projection.reading import Branch, Call, Keys, Leaf, Part, Shape, quote
from sonograph.postgres.found import Found, after_sql, cursor_sql, order_by

THIS, PARENT = re.compile(r"(?<![\w.$'])this\b"), re.compile(r"(?<![\w.$'])parent\b")
MARK = re.compile(r"\$(\d+)")
# The sub-select that becomes an object has a name that no alias can have: in `row_to_json(x)`, a column x comes first.
OBJECT = '"@"'
MAX_COUNT = 100_000  # rows that `totalCount` counts: a year of a million tracks took 42 ms, and a catalog grows


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def found_sql(found: Found, offset: int) -> str:
    """A find's SQL with its parameters shifted behind those of the finds before it."""
    return MARK.sub(lambda mark: f"${int(mark[1]) + offset}", found.sql)


def place(sql: str, this: str, parent: str | None = None) -> str:
    """Put the aliases of this place of the statement where a declaration says `this` and `parent`."""
    sql = THIS.sub(this, sql)
    return PARENT.sub(parent, sql) if parent else sql


def as_object(columns: str, rest: str = "") -> str:
    # row_to_json over a sub-select takes half the time of json_build_object.
    return f"(select row_to_json({OBJECT}) from (select {columns} {rest}) {OBJECT})"


def as_list(columns: str, rest: str) -> str:
    return f"(select coalesce(json_agg({OBJECT}), '[]'::json) from (select {columns} {rest}) {OBJECT})"


class Writer:
    """Rows become t1, t2, …; `founds` belong to `calls` in order."""

    def __init__(self, calls: Sequence[Call | Keys], founds: Sequence[Found]) -> None:
        self.found: dict[int, tuple[Found, int]] = {}
        offset = 0
        for call, found in zip(calls, founds, strict=True):
            self.found[id(call)] = found, offset
            offset += len(found.values)
        self.rows = 0

    def alias(self) -> str:
        self.rows += 1
        return f"t{self.rows}"

    def columns(self, members: Sequence[Leaf | Branch], this: str) -> str:
        """The select list of an object: `expr as "response key"`, nested rows as sub-selects."""
        return ", ".join(
            f"{place(m.sql, this) if isinstance(m, Leaf) else self.branch(m, this)} as {name(m.key)}" for m in members
        )

    def branch(self, branch: Branch, parent: str) -> str:  # noqa: PLR0911  # one return a kind
        this = self.alias()
        if isinstance(branch.source, Relation):
            return self.relation(branch, branch.source, this, parent)
        if branch.kind == "connection":
            return self.connection(branch, this, parent)
        if branch.kind == "ref":
            return self.references(branch, this, parent)
        found, offset = self.found[id(branch.source)]
        if branch.kind == "value":
            return f"(select {place(branch.sql, this)} {place(found_sql(found, offset), this, parent)})"
        columns = self.columns(branch.shapes[0].members, this)
        if branch.kind == "one":
            if found.limit is None:
                return as_object(columns, place(found_sql(found, offset), this, parent))
            return as_object(columns, f"from ({self.page(branch, this, parent, extra=0)}) {this}")
        return as_list(columns, f"from ({self.page(branch, this, parent, extra=0)}) {this} order by {this}._n")

    def relation(self, branch: Branch, relation: Relation, this: str, parent: str) -> str:
        shape = branch.shapes[0]
        through = f", {relation.through}" if relation.through else ""
        rows = place(f"from {shape.table} {this}{through} where {relation.on}", this, parent)
        if branch.kind == "one":
            return as_object(self.columns(shape.members, this), rows)
        return as_list(self.columns(shape.members, this), f"{rows} order by {place(relation.order, this, parent)}")

    def references(self, branch: Branch, this: str, parent: str) -> str:
        columns = self.by_type(branch.shapes, this)
        page = self.page(branch, this, parent, extra=0)
        if branch.many:
            return f"(select coalesce(json_agg({columns} order by {this}._n), '[]'::json) from ({page}) {this})"
        return f"(select {columns} from ({page}) {this})"

    def by_type(self, shapes: list[Shape], this: str) -> str:
        """A row of (type, id) becomes an object of its type, or null when there is no such row."""
        whens = []
        for shape in shapes:
            row = self.alias()
            rest = f"from {shape.table} {row} where {row}.{shape.key} = {this}.id"
            whens.append(f"when {quote(shape.type)} then " + as_object(self.columns(shape.members, row), rest))
        return f"case {this}.type {' '.join(whens)} end"

    def page(self, branch: Branch, this: str, parent: str, extra: int, *, cursor: bool = False) -> str:
        """Page first, then shape: numbered rows of the wanted page, so that nested selects never run for skipped rows.

        The inner literal limit is for the planner (a generic plan takes `limit $1` for a tenth of the table), the outer
        one is the request's; LIMIT pulls rows lazily, so the inner one costs nothing.
        """
        found, offset = self.found[id(branch.source)]
        sql = place(found_sql(found, offset), this, parent)
        if found.after is not None:
            sql += " and " + place(after_sql(found.order, offset + len(found.params) + 1), this)
        if found.order:
            sql += " order by " + place(order_by(found.order), this, parent)
        columns = f"{this}.*" + (
            f", {place(cursor_sql(found.name, found.order), this, parent)} as _cursor" if cursor else ""
        )
        inner = f"select {columns} {sql}"
        if found.limit is not None:
            limit = f"${offset + len(found.values)}::int + {extra}"
            inner = f"select * from ({inner} limit {found.maximum + 1}) q limit {limit}"
        return f"select q.*, row_number() over () as _n from ({inner}) q"

    def connection(self, branch: Branch, this: str, parent: str) -> str:
        found, offset = self.found[id(branch.source)]
        limit = f"${offset + len(found.values)}::int"
        page, row = f"p{self.rows}", self.alias()
        shown = f"from {page} {row} where {row}._n <= {limit} order by {row}._n"
        more = f"exists (select from {page} where _n > {limit})"
        facts = {
            "hasNextPage": more,
            "hasPreviousPage": "true" if found.after is not None else "false",
            "startCursor": f"(select _cursor from {page} where _n = 1)",
            "endCursor": f"(select _cursor from {page} where _n <= {limit} order by _n desc limit 1)",
        }
        columns, uses_page = [], False
        for part in branch.parts:
            uses_page = uses_page or part.name not in ("totalCount", "__typename")
            if part.name == "nodes":
                sql = as_list(self.columns(part.inner, row), shown)
            elif part.name == "edges":
                sql = as_list(", ".join(f"{self.edge(p, row)} as {name(p.key)}" for p in part.inner), shown)
            elif part.name == "pageInfo":
                sql = as_object(
                    ", ".join(f"{facts.get(p.name) or p.text + '::text'} as {name(p.key)}" for p in part.inner)
                )
            elif part.name == "nextCursor":
                sql = f"(select _cursor from {page} where _n = {limit} and {more})"
            elif part.name == "totalCount":
                counted = self.alias()
                counted_rows = f"select {place(found_sql(found, offset), counted, parent)} limit {MAX_COUNT}"
                sql = f"(select count(*) from ({counted_rows}) n)"
            else:
                sql = part.text + "::text"
            columns.append(f"{sql} as {name(part.key)}")
        rows = ""
        if uses_page:
            rows = f"with {page} as materialized ({self.page(branch, this, parent, 1, cursor=True)}) "
        return f"({rows}{as_object(', '.join(columns))[1:]}"

    def edge(self, part: Part, row: str) -> Any:
        if part.name == "cursor":
            return f"{row}._cursor"
        if part.name == "__typename":
            return part.text + "::text"
        return as_object(self.columns(part.inner, row))
