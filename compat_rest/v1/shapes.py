"""JSON schemas of /v1 bodies, read off the stored documents: a selection says which members, the GraphQL types say what
they hold.

A fragment becomes a component of its name, a page of it `…Page`, an enum a component, so that generated clients have a
name for everything. Every member is required: absent values are null, never missing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    parse,
)

from compat_rest.v1 import identify, report, resolve
from compat_rest.v1.errors import WORDS
from compat_rest.v1.routes import NO_CONTENT, ROUTES, Route
from schema.documents import document
from schema.projection.mapping import enum_members, is_connection
from schema.types.shared import DATABASE_ID
from schema.types.stream import REST_ID
from sonograph.catalog.vocabulary import rest_name

Schema = dict[str, Any]

SCALARS: Mapping[str, Schema] = {
    "Int": {"type": "integer", "format": "int32"},
    "Float": {"type": "number", "format": "double"},
    "String": {"type": "string"},
    "ID": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": {"type": "string", "format": "date-time"},
    "JSON": {"type": "object", "additionalProperties": {"type": "string"}},  # handles or URLs by platform, so far
}
ANYTHING = ("ResolvedTrack", "input")  # the one member that echoes whatever the client sent
# Bodies that no fragment names are called after their operation, but for these.
BODIES = {"ReleaseById": "Release", "LabelById": "LabelDetails"}
DESCRIPTIONS = dict.fromkeys((DATABASE_ID, REST_ID), "Its id, as paths and parameters take it.")
SEE_ALSO = re.compile(r", see `(\w+)`")
NAME = re.compile(r"`(\w+)`")
BODY = "\0"  # stands for the body in an envelope's text


@dataclass(frozen=True, slots=True)
class Body:
    """A route's answer; `may_miss` when there may be no such row, which is a 404."""

    schema: Schema | None  # None where there is none
    may_miss: bool


@dataclass(slots=True)
class Shapes:
    """Reads bodies off selections, and collects the components that they refer to."""

    schema: GraphQLSchema
    components: dict[str, Schema] = field(default_factory=dict)
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=lambda: dict(WORDS))

    def __post_init__(self) -> None:
        for route in (route for route in ROUTES if route.reads):
            for definition in parse(document("v1", route.operation)).definitions:
                if isinstance(definition, FragmentDefinitionNode):
                    self._fragments[definition.name.value] = definition
                for node in _field_nodes(definition.selection_set):  # type: ignore[attr-defined]  # operations and fragments alone
                    if node.alias:
                        self._words.setdefault(node.name.value, node.alias.value)

    def body(self, route: Route) -> Body:
        """The schema of a route's answer: what stands at the answer's path in the document's data."""
        if route.status == NO_CONTENT:
            return Body(None, may_miss=True)
        if route.takes is identify.TAKES:
            return Body(self._identified(route), may_miss=False)
        return self._reported() if route.pour is report.pour else self._read(route)

    def _reported(self) -> Body:
        """A report, which no document gives."""
        for name, schema in report.SCHEMAS.items():
            self._define(name, schema)
        return Body(report.BODY, may_miss=True)

    def _read(self, route: Route) -> Body:
        """The answer that a route's document gives."""
        operation = parse(document("v1", route.operation)).definitions[0]
        query = self.schema.query_type
        if not isinstance(operation, OperationDefinitionNode) or query is None:
            raise TypeError(f"{route.operation} is no query")
        selections, parent, may_miss = operation.selection_set, query, False
        shape = None
        for step in route.answer:
            node = next(node for node in self._selected(selections) if _key(node) == step)
            shape = parent.fields[node.name.value]
            may_miss = may_miss or not is_non_null_type(shape.type)
            target = get_named_type(shape.type)
            if node.selection_set is None or not isinstance(target, GraphQLObjectType):
                raise TypeError(f"{route.operation}: {step} is no object")
            selections, parent = node.selection_set, target
        if shape is not None and _is_list(shape):
            body = {"description": _sentence(shape.description), **self._list(parent, selections)}
        else:
            body = self._selection(parent, selections, BODIES.get(route.operation, route.operation), route.summary)
        if route.takes is not None and route.takes.trim is not None:
            body = self._trimmed(route, body)
        if route.takes is resolve.TAKES:
            members = {"results": body, **resolve.BILLING_SCHEMA}
            whole = {"type": "object", "description": route.summary, "properties": members, "required": list(members)}
            body = self._define(route.operation, whole)
        if route.around is not None:
            body = self._define(route.operation, _envelope(route.summary, route.around, body))
        return Body(body, may_miss)

    def _trimmed(self, route: Route, body: Schema) -> Schema:
        """Some members of a component: the id, and others where they were sent."""
        whole = self.components[body["$ref"].rsplit("/", 1)[1]]
        asked = route.takes.schema["properties"] if route.takes else {}
        members = {name: schema for name, schema in whole["properties"].items() if name == "id" or name in asked}
        some = {"type": "object", "description": route.summary, "properties": members, "required": ["id"]}
        return self._define(route.operation, some)

    def _identified(self, route: Route) -> Schema:
        """Tracks of a fragment, each with its confidence, and what the request cost."""
        fragment, track = self._fragments[identify.FRAGMENT], self.schema.type_map["Track"]
        if not isinstance(track, GraphQLObjectType):
            raise TypeError("Track is no object")
        members = self._object(track, fragment.selection_set, "A track that was recognised.")
        members["properties"]["confidence"] = identify.CONFIDENCE_SCHEMA
        members["required"].append("confidence")
        results = {
            "description": "The tracks, the surest first.",
            "type": "array",
            "items": self._define(identify.FRAGMENT, members),
        }
        properties = {"matched": identify.MATCHED_SCHEMA, "results": results, "credits_charged": identify.COST_SCHEMA}
        whole = {
            "type": "object",
            "description": route.summary,
            "properties": properties,
            "required": list(properties),
        }
        return self._define(route.operation, whole)

    def _selection(
        self, of: GraphQLObjectType, selections: SelectionSetNode, name: str, description: str | None = None
    ) -> Schema:
        """A reference to the component of a selection: the fragment that it consists of, or one called `name`."""
        only = selections.selections[0]
        if len(selections.selections) == 1 and isinstance(only, FragmentSpreadNode):
            fragment = self._fragments[only.name.value]
            return self._define(fragment.name.value, self._object(of, fragment.selection_set, of.description))
        if is_connection(of):
            return self._page(of, selections)
        return self._define(name, self._object(of, selections, description or of.description))

    def _page(self, of: GraphQLObjectType, selections: SelectionSetNode) -> Schema:
        page = self._object(of, selections, of.description)
        rows = next(_key(node) for node in self._selected(selections) if node.name.value == "nodes")
        item = page["properties"][rows]["items"]["$ref"]
        return self._define(item.rsplit("/", 1)[1] + "Page", page)

    def _object(self, of: GraphQLObjectType, selections: SelectionSetNode, description: str | None) -> Schema:
        nodes = list(self._selected(selections))
        names = {node.name.value for node in nodes}
        properties = {
            _key(node): self._member(of.fields[node.name.value], node, names)
            if (of.name, node.name.value) != ANYTHING
            else {"description": _sentence(of.fields[node.name.value].description)}
            for node in nodes
        }
        return {
            "type": "object",
            "description": _sentence(description),
            "properties": properties,
            "required": list(properties),
        }

    def _member(self, graphql_field: GraphQLField, node: FieldNode, beside: set[str]) -> Schema:
        target: GraphQLNamedType = get_named_type(graphql_field.type)
        if _is_list(graphql_field):
            schema = self._list(target, node.selection_set)
        else:
            schema = self._value(target, node.selection_set)
        if not is_non_null_type(graphql_field.type):
            schema = _nullable(schema)
        return {"description": self._in_rest_words(_sentence(graphql_field.description), beside), **schema}

    def _list(self, of: GraphQLNamedType, selections: SelectionSetNode | None) -> Schema:
        return {"type": "array", "items": self._value(of, selections)}

    def _value(self, of: GraphQLNamedType, selections: SelectionSetNode | None) -> Schema:
        if isinstance(of, GraphQLEnumType):
            return self._enum(of)
        if is_leaf_type(of):
            return dict(SCALARS[of.name])
        if not isinstance(of, GraphQLObjectType) or selections is None:
            raise TypeError(f"{of.name} is neither a leaf nor an object")
        return self._selection(of, selections, of.name)

    def _enum(self, of: GraphQLEnumType) -> Schema:
        values = {rest_name(member): of.values[name].description for name, member in enum_members(of)}
        lines = [f"- `{value}`: {description}" for value, description in values.items()]
        description = "\n".join([_sentence(of.description), "", *lines])
        return self._define(of.name, {"type": "string", "description": description, "enum": list(values)})

    def _define(self, name: str, schema: Schema) -> Schema:
        if self.components.setdefault(name, schema) != schema:
            raise ValueError(f"two shapes are called {name}: give one of them a fragment of its own")
        return {"$ref": f"#/components/schemas/{name}"}

    def _selected(self, selections: SelectionSetNode) -> Iterator[FieldNode]:
        """Fields of a selection in order, those of fragments in their place."""
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                yield from self._selected(self._fragments[selection.name.value].selection_set)
            elif isinstance(selection, FieldNode):
                yield selection
            else:
                raise TypeError("a stored document has no inline fragments")

    def _in_rest_words(self, text: str, beside: set[str]) -> str:
        """A description with GraphQL's names as /v1 has them; pointers to members that are not there are left out."""
        text = SEE_ALSO.sub(lambda match: match[0] if match[1] in beside else "", DESCRIPTIONS.get(text, text))
        return NAME.sub(lambda match: f"`{self._words.get(match[1], match[1])}`", text)


def _field_nodes(selections: SelectionSetNode | None) -> Iterator[FieldNode]:
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            yield selection
            yield from _field_nodes(selection.selection_set)


def _key(node: FieldNode) -> str:
    return (node.alias or node.name).value


def _is_list(graphql_field: GraphQLField) -> bool:
    of = graphql_field.type
    return is_list_type(of.of_type if is_non_null_type(of) else of)


def _nullable(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _envelope(summary: str, around: tuple[str, str], body: Schema) -> Schema:
    """The object whose text `around` is, with the body in its place."""
    members = json.loads(f"{around[0]}{json.dumps(BODY)}{around[1]}")
    if any(value not in (BODY, None) for value in members.values()):
        raise ValueError("an envelope holds the body and nulls")
    always_null = {"description": "Always null: there is one page.", "type": "null"}
    properties = {name: body if value == BODY else always_null for name, value in members.items()}
    return {"type": "object", "description": summary, "properties": properties, "required": list(properties)}


def _sentence(text: str | None) -> str:
    if not text:
        raise ValueError("everything in the schema has a description")
    return text
