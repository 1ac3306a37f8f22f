"""Stored operations: the shapes behind REST answers, read from the *.graphql files beside this module.

An operation is handed out with the fragments that it uses and nothing else, so that each makes a plan of its own. The
fragments of /v1 are known in every folder: a track is the same in an answer and in an event.
"""

from functools import cache
from pathlib import Path

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast
from graphql.language import FragmentSpreadNode, Visitor, visit

SHAPES = "v1"


@cache
def document(folder: str, operation: str) -> str:
    """The text of a stored operation with its fragments."""
    operations, fragments = _definitions(folder)
    wanted: dict[str, FragmentDefinitionNode] = {}

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            name = node.name.value
            if name not in wanted:
                wanted[name] = fragments[name]
                visit(fragments[name], self)

    visit(operations[operation], Spreads())
    return print_ast(DocumentNode(definitions=(operations[operation], *wanted.values())))


@cache
def _definitions(folder: str) -> tuple[dict[str, OperationDefinitionNode], dict[str, FragmentDefinitionNode]]:
    operations: dict[str, OperationDefinitionNode] = {}
    fragments = {} if folder == SHAPES else dict(_definitions(SHAPES)[1])
    for path in sorted((Path(__file__).parent / folder).glob("*.graphql")):
        for definition in parse(path.read_text(encoding="utf-8")).definitions:
            if isinstance(definition, FragmentDefinitionNode):
                fragments[definition.name.value] = definition
            elif isinstance(definition, OperationDefinitionNode) and definition.name:
                operations[definition.name.value] = definition
    return operations, fragments
