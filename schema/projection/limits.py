"""Bounds that hold before validation, because validation itself is what hostile documents make slow."""

import re
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
)

from schema.projection import mapping

TOO_MUCH = {"code": "COST_LIMIT"}
LONG_NUMBER = re.compile(r"[0-9]{310}")  # no number of GraphQL has as many digits, and Python refuses to read 4,301
VARIABLE_PAGE = 100  # rows that a page or list of a size that is not known yet counts for
ROW_LISTS = {"ids", "items"}  # arguments that a list answers one by one
UNBOUNDED_LIST = 10  # rows that a list without `first` counts for: artists, genres, keys of a track


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection amounts to; sizes of selections beside each other add up, depth is the greater one."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0

    def beside(self, other: "Size") -> "Size":
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """Cost counts fields; below a list they count as often as it has rows: its `first`, or what is usual.

    Merges count pairs of fields with one name in one place, and fields without a rival once: validation compares each
    pair, and would take 0.75 s of CPU for the 480 times `genres { id }` that 2,000 tokens hold.
    """

    characters: int = 20_000
    tokens: int = 2_000
    depth: int = 20  # the introspection of a GraphQL IDE has 15
    aliases: int = 50
    directives: int = 50
    cost: int = 50_000
    definitions: int = 100  # operations and fragments: 290 operations took 53 ms of CPU to validate
    arguments: int = 30  # of one field
    values: int = 200  # of one list written out: 1,400 took 60 ms of CPU to coerce twice and to refuse
    fields: int = 600  # written out, fragments once: 1,400 that do not exist took 53 ms of CPU to validate
    merges: int = 5_000
    key_bytes: int = 63  # PostgreSQL cuts longer column names silently

    def check_text(self, text: str) -> None:
        if len(text) > self.characters:
            raise GraphQLError(f"Documents end at {self.characters} characters.", extensions=TOO_MUCH)
        if LONG_NUMBER.search(text):
            raise GraphQLError("Numbers end at 309 digits.", extensions=TOO_MUCH)

    def check_document(self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> int:
        """The cost of the operation; raises GraphQLError for what is too much.

        Operations and fragments that are not asked for are held to the same bounds: they are validated, too.
        """
        self.hold("definitions", len(document.definitions))
        walk = _Walk(schema, document, self)
        cost = 0
        for d in document.definitions:
            if isinstance(d, FragmentDefinitionNode):
                size = walk.fragment(d.name.value)
            elif isinstance(d, OperationDefinitionNode):
                root = schema.get_root_type(d.operation)
                size = walk.selection(d.selection_set, root).beside(Size(directives=len(d.directives or ())))
                if operation_name in (None, d.name.value if d.name else None):
                    cost = max(cost, size.cost)
            else:
                continue
            for word in ("depth", "aliases", "directives", "cost"):
                self.hold(word, getattr(size, word))
            walk.merge([d.selection_set], 0)
        return cost

    def hold(self, word: str, value: int) -> None:
        if value > getattr(self, word):
            raise GraphQLError(f"Too much: {word} {value} of {getattr(self, word)}.", extensions=TOO_MUCH)


# For documents of our own.
UNLIMITED = Limits(
    10**6,
    10**6,
    10**3,
    10**6,
    10**6,
    10**12,
    definitions=10**6,
    arguments=10**6,
    values=10**6,
    fields=10**6,
    merges=10**12,
)


class _Walk:
    """Each selection once; fragments with a memo, so that 2^n spreads cost n."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> None:
        self.schema, self.limits = schema, limits
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.known: dict[str, Size] = {}
        self.open: set[str] = set()
        self.merges = self.fields = 0

    def selection(self, selection_set: SelectionSetNode | None, kind: Any) -> Size:
        """`kind` is the type selected from; None where the document is wrong, which validation will say."""
        total = Size()
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FragmentSpreadNode):
                inner = self.fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self.selection(
                    node.selection_set, self.schema.get_type(condition.name.value) if condition else kind
                )
            elif isinstance(node, FieldNode):
                inner = self.field(node, kind)
            else:  # pragma: no cover  # there is no other kind of selection
                continue
            total = total.beside(inner).beside(Size(directives=len(node.directives or ())))
        return total

    def field(self, node: FieldNode, kind: Any) -> Size:
        if len((node.alias or node.name).value) > self.limits.key_bytes:
            raise GraphQLError(
                f"Names and aliases end at {self.limits.key_bytes} characters.", node, extensions=TOO_MUCH
            )
        self.limits.hold("arguments", len(node.arguments or ()))
        for argument in node.arguments or ():
            if isinstance(argument.value, ListValueNode):
                self.limits.hold("values", len(argument.value.values))
        self.fields += 1
        self.limits.hold("fields", self.fields)
        field = (getattr(kind, "fields", None) or {}).get(node.name.value)
        inner = self.selection(node.selection_set, get_named_type(field.type) if field else None)
        times = _rows(node, kind, field) if node.selection_set else 1
        return Size(inner.depth + 1, inner.aliases + (node.alias is not None), inner.directives, 1 + times * inner.cost)

    def fragment(self, name: str) -> Size:
        if name in self.open or name not in self.fragments:
            return Size()  # cycles and unknown names: validation has better words
        if name not in self.known:
            self.open.add(name)
            fragment = self.fragments[name]
            kind = self.schema.get_type(fragment.type_condition.name.value)
            self.known[name] = self.selection(fragment.selection_set, kind)
            self.open.discard(name)
        return self.known[name]

    def merge(self, selection_sets: list[SelectionSetNode], depth: int) -> None:
        """Count the fields that one answer object is merged from, as validation and execution merge them."""
        if depth > self.limits.depth:
            return  # only through a cycle
        rivals: dict[str, list[SelectionSetNode | None]] = {}
        spread = set[str]()
        waiting = list(selection_sets)
        while waiting:
            for node in waiting.pop().selections:
                if isinstance(node, FieldNode):
                    rivals.setdefault((node.alias or node.name).value, []).append(node.selection_set)
                elif isinstance(node, InlineFragmentNode):
                    waiting.append(node.selection_set)
                elif (
                    isinstance(node, FragmentSpreadNode)
                    and node.name.value not in spread
                    and (fragment := self.fragments.get(node.name.value))
                ):
                    spread.add(node.name.value)
                    waiting.append(fragment.selection_set)
        self.merges += len(spread) ** 2 + sum(len(same) ** 2 for same in rivals.values())
        self.limits.hold("merges", self.merges)
        for same in rivals.values():
            if inner := [s for s in same if s is not None]:
                self.merge(inner, depth + 1)


def _rows(node: FieldNode, kind: Any, field: Any) -> int:
    """How many objects are taken to stand below a field."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    usual = getattr(field.args.get("first"), "default_value", None) if field else None
    if "first" in given or isinstance(usual, int):
        return _page(given.get("first"), usual if isinstance(usual, int) else 1)
    if field is None or not is_list_type(get_nullable_type(field.type)):
        return 1
    if kind.name.startswith("__") or mapping.is_connection(kind):
        return 1  # of introspection, which has a bound of its own, or counted with the connection
    for name in ROW_LISTS & given.keys():
        return len(getattr(given[name], "values", range(VARIABLE_PAGE)))
    return UNBOUNDED_LIST


def _page(first: Any, usual: int) -> int:
    if first is None:
        return usual
    if isinstance(first, IntValueNode) and len(first.value) < 5:  # noqa: PLR2004  # longer numbers are refused by the list itself
        return min(int(first.value), 1000)
    return max(VARIABLE_PAGE, usual)
