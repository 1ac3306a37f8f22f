"""Variables and arguments by graphql-core's rules, worked out once a plan: a request then costs one look-up a value.

Whatever is not plain (lists, enums, input objects given whole as a variable) takes graphql-core's and Strawberry's way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_input_object_type,
    is_non_null_type,
    type_from_ast,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values
from strawberry.types.arguments import convert_arguments

from schema.projection.mapping import VIEWER, definition
from schema.projection.reading import Call
from sonograph.ids import MAX_INT
from sonograph.postgres.found import Found

if TYPE_CHECKING:
    from schema.projection.plans import Plans

MAX_ERRORS = 20  # of variables that are looked at: one costs 47 µs
NO_VARIABLES = VariableValues({}, {})
EXACT: dict[str, type] = {"String": str, "ID": str, "Int": int, "Boolean": bool}  # values that coercion leaves alone


@dataclass(frozen=True, slots=True)
class _Plain:
    name: str
    exact: type
    signature: GraphQLVariableSignature
    default: Any
    nullable: bool

    def fits(self, value: Any) -> bool:
        """Whether coercion would leave the value as it is."""
        if type(value) is self.exact:
            return not isinstance(value, int) or -MAX_INT - 1 <= value <= MAX_INT
        return value is None and self.nullable


class Variables:
    """Coerces a request's variables."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode] | None) -> None:
        self.schema, self.definitions = schema, list(definitions or ())
        self.plain: list[_Plain] | None = []
        for node in self.definitions:
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError):
                self.plain = None
                return
            exact = EXACT.get(getattr(get_nullable_type(signature.type), "name", ""))
            if exact is None:
                self.plain = None
                return
            default: Any = Undefined
            if node.default_value is not None:
                values = get_variable_values(schema, [node], {})
                if isinstance(values, list):
                    self.plain = None
                    return
                default = values.coerced[signature.name]
            nullable = not is_non_null_type(signature.type)
            self.plain.append(_Plain(signature.name, exact, signature, default, nullable))

    def coerce(self, inputs: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        if not self.definitions:
            return NO_VARIABLES
        if self.plain is None:
            return get_variable_values(self.schema, self.definitions, dict(inputs), max_errors=MAX_ERRORS)
        sources, coerced = {}, {}
        for plain in self.plain:
            value: Any = inputs.get(plain.name, Undefined)
            sources[plain.name] = VariableValueSource(plain.signature, value)
            if plain.fits(value):
                coerced[plain.name] = value
            elif value is Undefined and plain.default is not Undefined:
                coerced[plain.name] = plain.default
            elif not (value is Undefined and plain.nullable):
                return get_variable_values(self.schema, self.definitions, dict(inputs), max_errors=MAX_ERRORS)
        return VariableValues(sources, coerced)


@dataclass(slots=True)
class Binding:
    """How one find gets its arguments: constants, plain variables, input objects of plain variables; or `slow`."""

    call: Call
    constants: dict[str, Any]
    plain: list[tuple[str, str, bool]]  # (python name, variable, null is an error)
    objects: list[tuple[str, type, dict[str, str]]]  # (python name, class, {member: variable})
    slow: bool = False

    def find(self, plans: "Plans", variables: VariableValues, viewer: Any) -> Found:
        call = self.call
        if self.slow:
            arguments = arguments_of(call, plans, variables)
        else:
            arguments, coerced = self.constants.copy(), variables.coerced
            for name, variable, required in self.plain:
                if variable in coerced:
                    arguments[name] = value = coerced[variable]
                    if value is None and required:
                        arguments_of(call, plans, variables)  # raises graphql-core's error
            for name, cls, members in self.objects:
                arguments[name] = cls(**{member: coerced[variable] for member, variable in members.items()})
        if call.wants_viewer:
            arguments[VIEWER] = viewer
        return call.function(**arguments)


@dataclass(slots=True)
class _Only:
    """A field seen with some of its arguments only."""

    args: dict[str, Any]


def arguments_of(
    call: Call, plans: "Plans", variables: VariableValues, names: list[str] | None = None
) -> dict[str, Any]:
    """The field's arguments as a resolver would get them: graphql-core coerces, Strawberry makes inputs and enums."""
    arguments = [a for a in definition(call.field).arguments if names is None or graphql_name(plans, a) in names]
    field: Any = call.field if names is None else _Only({n: a for n, a in call.field.args.items() if n in names})
    values = get_argument_values(field, call.node, variables)
    return convert_arguments(values, arguments, config=plans.config, scalar_registry=plans.scalars)


def graphql_name(plans: "Plans", argument: Any) -> str:
    name: str = plans.config.name_converter.get_graphql_name(argument)
    return name


def bind(call: Call, plans: "Plans", operation: OperationDefinitionNode) -> Binding:
    """The cheapest way that cannot differ from the executor's."""
    types = {d.variable.name.value: type_from_ast(plans.schema, d.type) for d in operation.variable_definitions or ()}
    given = {a.name.value: a.value for a in call.node.arguments or ()}
    constant, plain, objects = [], [], []
    for argument in definition(call.field).arguments:
        name = graphql_name(plans, argument)
        node: Any = given.get(name)
        expected = call.field.args[name].type
        if node is None or "variable" not in kinds(node):
            constant.append(name)
            continue
        inner: Any = get_nullable_type(expected)
        if node.kind == "variable" and isinstance(inner, GraphQLScalarType):
            plain.append((argument.python_name, node.name.value, is_non_null_type(expected)))
        elif node.kind == "object_value" and (members := plain_members(node, inner, types)):
            of = definition(inner)
            python = {plans.config.name_converter.get_graphql_name(f): f.python_name for f in of.fields}
            objects.append((argument.python_name, of.origin, {python[m]: v for m, v in members.items()}))
        else:
            return Binding(call, {}, [], [], slow=True)
    return Binding(call, arguments_of(call, plans, NO_VARIABLES, constant) if constant else {}, plain, objects)


def plain_members(node: Any, expected: Any, types: Mapping[str, Any]) -> dict[str, str] | None:
    """{member: variable} of an input object whose members are all non-null scalar variables, else None."""
    if not is_input_object_type(expected):
        return None
    members = {f.name.value: f.value for f in node.fields}
    if all(
        v.kind == "variable"
        and is_non_null_type(types[v.name.value])
        and isinstance(get_nullable_type(expected.fields[m].type), GraphQLScalarType)
        for m, v in members.items()
    ):
        return {m: v.name.value for m, v in members.items()}
    return None


def kinds(node: Any) -> set[str]:
    """Kinds of a value and of everything inside it."""
    inner = getattr(node, "values", None) or [f.value for f in getattr(node, "fields", None) or ()]
    return {node.kind}.union(*(kinds(n) for n in inner))
