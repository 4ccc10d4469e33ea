"""Answers in GraphQL, held to a schema: graphql-core executes the query over the answer itself."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    parse,
    validate,
)
from graphql.execution import get_variable_values

Json = Any
ENVELOPE = {"data", "errors", "extensions"}
"""What an answer may hold."""


def faults(
    schema: GraphQLSchema, query: str, variables: Mapping[str, Json], answer: Mapping[str, Json]
) -> Iterator[str]:
    """Yield what is not as the schema says in a query, its variables and the answer to it."""
    document = parse(query)
    yield from (error.message for error in validate(schema, document))
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    definitions = operation.variable_definitions or ()
    taken = get_variable_values(schema, definitions, dict(variables))
    declared = {one.variable.name.value for one in definitions}
    yield from (f"there is no variable {name}" for name in variables.keys() - declared)
    if isinstance(taken, list):
        yield from (error.message for error in taken)
        return
    yield from (f"beside the data there is {name}" for name in answer.keys() - ENVELOPE)
    if answer.get("data") is None:
        return
    result = execute_sync(
        schema,
        document,
        answer["data"],
        variable_values=dict(variables),
        field_resolver=_field,
        type_resolver=_type,
    )
    allowed = {tuple(map(str, one["path"])) for one in answer.get("errors", ()) if "path" in one}
    for error in result.errors or ():
        if tuple(map(str, error.path or ())) not in allowed:
            yield f"{'.'.join(map(str, error.path or ()))}: {error.message}"
    if not result.errors and _spelled(result.data) != _spelled(answer["data"]):
        yield from _differences(answer["data"], result.data, "data")


def _field(source: Mapping[str, Json], info: GraphQLResolveInfo, **_: Json) -> Json:
    key = str(info.path.key)
    if key not in source:
        msg = "the field is missing"
        raise ValueError(msg)
    value = source[key]
    kind = str(info.return_type).strip("!")
    if kind == "DateTime" and value is not None:
        assert datetime.fromisoformat(value).tzinfo, "a moment needs a zone"
    if kind in {"ID", "String", "URI", "DateTime"} and not isinstance(value, str | None):
        msg = f"{value!r} is no text"
        raise TypeError(msg)
    return value


def _type(
    value: Mapping[str, Json], info: GraphQLResolveInfo, abstract: GraphQLAbstractType
) -> str:
    """Return the type of an object: as it says itself, else the one whose fields it has."""
    if "__typename" in value:
        return str(value["__typename"])
    conditions = [name for node in info.field_nodes for name in _conditions(node.selection_set)]
    if value and conditions:
        return conditions[0]
    others = (one.name for one in info.schema.get_possible_types(abstract))
    return next(name for name in others if name not in conditions)


def _conditions(selected: SelectionSetNode | None) -> Iterator[str]:
    for one in selected.selections if selected else ():
        if isinstance(one, InlineFragmentNode) and one.type_condition:
            yield one.type_condition.name.value


def _spelled(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _differences(given: Json, meant: Json, where: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(meant, dict):
        for name in given:
            if name not in meant:
                yield f"{where}.{name}: it was not asked for"
            else:
                yield from _differences(given[name], meant[name], f"{where}.{name}")
    elif isinstance(given, list) and isinstance(meant, list) and len(given) == len(meant):
        for number, (one, other) in enumerate(zip(given, meant, strict=True)):
            yield from _differences(one, other, f"{where}.{number}")
    elif _spelled(given) != _spelled(meant):
        yield f"{where}: {given!r} should be {meant!r}"
