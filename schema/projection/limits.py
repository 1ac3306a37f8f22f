"""Bounds that hold before validation, because validation itself is what hostile documents make slow."""

from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, SelectionSetNode
from graphql.language import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, IntValueNode

TOO_MUCH = {"code": "COST_LIMIT"}


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
    """Cost counts fields; below a field with `first` they count that many times (100 times when it is a variable)."""

    characters: int = 20_000
    tokens: int = 2_000
    depth: int = 20  # the introspection of a GraphQL IDE has 15
    aliases: int = 50
    directives: int = 50
    cost: int = 50_000
    key_bytes: int = 63  # PostgreSQL cuts longer column names silently

    def check_text(self, text: str) -> None:
        if len(text) > self.characters:
            raise GraphQLError(f"Documents end at {self.characters} characters.", extensions=TOO_MUCH)

    def check_document(self, document: DocumentNode, operation_name: str | None) -> int:
        """The cost of the operation; raises GraphQLError for what is too much."""
        walk = _Walk(document, self.key_bytes)
        total = 0
        for d in document.definitions:
            if not isinstance(d, OperationDefinitionNode):
                continue
            if operation_name not in (None, d.name.value if d.name else None):
                continue
            size = walk.selection(d.selection_set).beside(Size(directives=len(d.directives or ())))
            for word in ("depth", "aliases", "directives", "cost"):
                value, limit = getattr(size, word), getattr(self, word)
                if value > limit:
                    raise GraphQLError(f"Too much: {word} {value} of {limit}.", extensions=TOO_MUCH)
            total = max(total, size.cost)
        return total


UNLIMITED = Limits(10**6, 10**6, 10**3, 10**6, 10**6, 10**12)  # for documents of our own


class _Walk:
    """Each selection once; fragments with a memo, so that 2^n spreads cost n."""

    def __init__(self, document: DocumentNode, key_bytes: int) -> None:
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.key_bytes = key_bytes
        self.known: dict[str, Size] = {}
        self.open: set[str] = set()

    def selection(self, selection_set: SelectionSetNode | None) -> Size:
        total = Size()
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FragmentSpreadNode):
                inner = self.fragment(node.name.value)
            elif isinstance(node, FieldNode | InlineFragmentNode):
                inner = self.selection(node.selection_set)
            else:  # pragma: no cover  # there is no other kind of selection
                continue
            if isinstance(node, FieldNode):
                inner = self.field(node, inner)
            total = total.beside(inner).beside(Size(directives=len(node.directives or ())))
        return total

    def field(self, node: FieldNode, inner: Size) -> Size:
        if len((node.alias or node.name).value) > self.key_bytes:
            raise GraphQLError(f"Names and aliases end at {self.key_bytes} characters.", node)
        times = 1
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = argument.value
                times = min(int(value.value), 1000) if isinstance(value, IntValueNode) and len(value.value) < 5 else 100  # noqa: PLR2004  # longer numbers are refused by the list itself
        return Size(inner.depth + 1, inner.aliases + (node.alias is not None), inner.directives, 1 + times * inner.cost)

    def fragment(self, name: str) -> Size:
        if name in self.open or name not in self.fragments:
            return Size()  # cycles and unknown names: validation has better words
        if name not in self.known:
            self.open.add(name)
            self.known[name] = self.selection(self.fragments[name].selection_set)
            self.open.discard(name)
        return self.known[name]
