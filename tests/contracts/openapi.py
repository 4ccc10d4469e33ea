"""Holds requests and answers to an OpenAPI document.

By hand over `openapi-schema-validator`, because openapi-core refuses Jira's document as a whole for
one bad default, and lets parameters pass that a document does not know: the fault we look for.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import getitem
from typing import Any
from urllib.parse import parse_qsl

from openapi_schema_validator import OAS30Validator, oas30_format_checker

JSON = "application/json"
INTEGER = re.compile(r"-?[0-9]+")
BOOLEANS = {"true": True, "false": False}
Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and the answer to it."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""
    body: bytes = b""
    status: int = 200
    answer: Json = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, and where in the document it stands."""

    template: str
    method: str
    inside: Json
    values: Mapping[str, str]
    """The parameters in the path, as they were asked for."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True)
class Document:
    """What a service publishes about itself."""

    body: Json

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Every path as a pattern, those with the fewest parameters first."""
        paths = sorted(self.body["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", p)), p) for p in paths]

    def operation(self, exchange: Exchange) -> Operation:
        """Return what a request asks for. Raises LookupError where the document has no such."""
        for pattern, template in self.patterns:
            match = pattern.fullmatch(exchange.path)
            if match is None:
                continue
            inside = self.body["paths"][template].get(exchange.method.lower())
            if inside is not None:
                return Operation(template, exchange.method, inside, match.groupdict())
        msg = f"{exchange.method} {exchange.path} is not in the document"
        raise LookupError(msg)

    def follow(self, value: Json) -> Json:
        """Return what a reference stands for, and anything else as it is."""
        while isinstance(value, dict) and "$ref" in value:
            steps = value["$ref"].removeprefix("#/").split("/")
            value = reduce(getitem, steps, self.body)
        return value

    def schema_of_answer(self, exchange: Exchange) -> Json:
        """Return the schema of the answer. Raises LookupError where none is documented."""
        responses = self.operation(exchange).inside["responses"]
        if str(exchange.status) not in responses:
            msg = f"{exchange.path} is not documented to answer {exchange.status}"
            raise LookupError(msg)
        return self.follow(responses[str(exchange.status)])["content"][JSON]["schema"]

    def faults_of_answer(self, exchange: Exchange) -> Iterator[str]:
        """Yield what is not as documented in an answer, its unknown fields as well."""
        schema = self.schema_of_answer(exchange)
        yield from self.faults(schema, exchange.answer)
        yield from self.strangers(schema, exchange.answer)

    def faults_of_request(self, exchange: Exchange) -> Iterator[str]:
        """Yield what is not as documented in a request."""
        try:
            operation = self.operation(exchange)
        except LookupError as error:
            yield str(error)
            return
        if operation.inside.get("deprecated"):
            yield f"{operation.name} is deprecated"
        yield from self._parameters(operation, exchange)
        yield from self._signature(operation, exchange)
        yield from self._body(operation, exchange)

    def faults(self, schema: Json, value: Json) -> Iterator[str]:
        """Yield where a value is not what a schema of the document says."""
        root = {"allOf": [schema], "components": self.body["components"]}
        found = OAS30Validator(root, format_checker=oas30_format_checker).iter_errors(value)
        yield from (f"{error.json_path}: {error.message[-300:]}" for error in found)

    def strangers(self, schema: Json, value: Json, where: str = "$") -> Iterator[str]:
        """Yield the fields that the document does not know, also where it forbids none."""
        schema = self.follow(schema)
        for part in schema.get("allOf", ()):
            yield from self.strangers(part, value, where)
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield from self.strangers(schema.get("items", {}), one, f"{where}[{number}]")
        elif isinstance(value, dict) and "properties" in schema:
            for name, one in value.items():
                if name in schema["properties"]:
                    yield from self.strangers(schema["properties"][name], one, f"{where}.{name}")
                elif "additionalProperties" not in schema:
                    yield f"{where}.{name}: the document has no such field"

    def _parameters(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        known = {
            (one["in"], one["name"]): one
            for one in map(self.follow, operation.inside.get("parameters", ()))
        }
        sent = [(("path", name), text) for name, text in operation.values.items()]
        pairs = parse_qsl(exchange.query, keep_blank_values=True)
        sent += [(("query", name), text) for name, text in pairs]
        for key in dict.fromkeys(key for key, _ in sent):
            texts = [text for one, text in sent if one == key]
            if key not in known:
                yield f"{operation.name} has no parameter {key[1]} in its {key[0]}"
                continue
            schema = self.follow(known[key]["schema"])
            if schema.get("type") == "array":
                value = [read(self.follow(schema["items"]), text) for text in texts]
            else:
                value = read(schema, texts[0])
                if len(texts) > 1:
                    yield f"{key[1]} is there {len(texts)} times"
            yield from (f"{key[1]} {fault}" for fault in self.faults(schema, value))
        there = dict(sent) | {("header", name): "" for name in exchange.headers}
        for (place, name), one in known.items():
            spelt = name.lower() if place == "header" else name
            if one.get("required") and (place, spelt) not in there:
                yield f"{operation.name} must have {name} in its {place}"

    def _signature(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        accepted = exchange.headers.get("accept", "*/*")
        if not re.search(r"\*/\*|application/(json|vnd\.(github|pagerduty)\S*json)", accepted):
            yield f"{operation.name} answers JSON, and {accepted} was asked for"
        schemes = self.body["components"].get("securitySchemes", {})
        wanted = {
            schemes[name]["scheme"].lower()
            for one in operation.inside.get("security", ())
            for name in one
            if schemes[name]["type"] == "http"
        }
        sent = exchange.headers.get("authorization", "nothing").split()[0].lower()
        if wanted and sent not in wanted:
            yield f"{operation.name} is signed with {sent}, not with {' or '.join(wanted)}"

    def _body(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        content = self.follow(operation.inside.get("requestBody", {})).get("content", {})
        if not exchange.body:
            if operation.inside.get("requestBody", {}).get("required"):
                yield f"{operation.name} must have a body"
            return
        kind = exchange.headers.get("content-type", "nothing").partition(";")[0]
        if kind not in content:
            yield f"{operation.name} takes no {kind}"
            return
        value = json.loads(exchange.body)
        yield from self.faults(content[kind]["schema"], value)
        yield from self.strangers(content[kind]["schema"], value)


def read(schema: Json, text: str) -> Json:
    """Return what a text in an address stands for, or the text where it is no such thing."""
    readers: dict[str, Callable[[str], Json]] = {
        "integer": lambda t: int(t) if INTEGER.fullmatch(t) else t,
        "boolean": lambda t: BOOLEANS.get(t, t),
    }
    return readers.get(schema.get("type", ""), str)(text)
