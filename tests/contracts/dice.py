"""Values that a document allows and nobody here chose. The same seed rolls the same values."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251  (seeded: the same world every time)

from tests.contracts.openapi import Document, Json

TEXTS = (
    *("", " ", "0", "null", "Ünïcödé ✓", "<b>bold</b>", "a|b`c`", "\u202eevil\u202c", "\ud800"),
    *("\x00\x1b[31m", "x" * 5000, "e\u0301" * 40, "支払い", "line\nline", "-1", "2026-11-19"),
)
INTEGERS = (0, 1, -1, 7, 100, 1000, 2**31 - 1, -(2**31), 2**63 - 1)
NUMBERS = (0.0, -0.5, 1e300, 5e-324, 12.75)
NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
EXTREMES = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
)
UNKNOWN = "a-word-of-next-year"
DEEP = 7
"""How deep a value goes before it keeps to what is required."""

Hint = Callable[["Dice"], Json]
"""Rolls a likely value for a field of some name."""


class Dice:
    """Rolls values for the schemas of a document; `hints` make most of them likely ones."""

    def __init__(
        self, seed: int, document: Document | None = None, hints: Mapping[str, Hint] | None = None
    ) -> None:
        self.random = Random(seed)  # noqa: S311  (no secret depends on it)
        self.document = document
        self.hints = hints or {}
        self.unknown = 0.04
        """How often an enumeration has a word that the document does not know."""

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *values: Json) -> Json:
        return self.random.choice(values)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def text(self) -> str:
        return self.pick(*TEXTS) if self.chance(0.5) else f"word {self.number(1, 999)}"

    def moment(self) -> datetime:
        """Roll a moment: mostly of the last weeks, seldom at the ends of time."""
        if self.chance(0.04):
            return self.pick(*EXTREMES)
        return NOW - timedelta(seconds=self.number(0, 40 * 86400))

    def spelled(self) -> str:
        """Roll a moment in one of the ways that RFC 3339 allows."""
        moment = self.moment().replace(tzinfo=None)
        tail = self.pick("Z", "+00:00", "+01:00", "-09:30", ".123456Z", ".5+14:00")
        return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + tail

    def value(self, schema: Json, name: str = "", depth: int = 0) -> Json:
        """Roll a value for a schema of the document, in a field of that name."""
        schema = self._merged(schema)
        if schema.get("nullable") and self.chance(0.15):
            return None
        if name in self.hints and self.chance(0.97):
            return self.hints[name](self)
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return self.value(self.pick(*schema[several]), name, depth)
        if "enum" in schema:
            words = [word for word in schema["enum"] if word is not None]
            return UNKNOWN if self.chance(self.unknown) else self.pick(*words)
        return self._of_type(schema, depth)

    def _merged(self, schema: Json) -> Json:
        assert self.document is not None
        schema = self.document.follow(schema)
        parts = [self._merged(part) for part in schema.get("allOf", ())]
        for part in parts:
            both = part.get("properties", {}) | schema.get("properties", {})
            schema = part | schema | ({"properties": both} if both else {})
        return schema

    def _of_type(self, schema: Json, depth: int) -> Json:
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                most = 0 if depth > DEEP else self.pick(0, 1, 2, 4)
                least = schema.get("minItems", 0)
                items = [
                    self.value(schema.get("items", {}), depth=depth + 1)
                    for _ in range(max(least, most))
                ]
                return unique(items) if schema.get("uniqueItems") else items
            case "string":
                return self._string(schema)
            case "integer":
                small = schema.get("format") == "int32"
                whole = self.pick(*INTEGERS) if self.chance(0.4) else self.number(0, 500)
                return max(-(2**31), min(whole, 2**31 - 1)) if small else whole
            case "number":
                return self.pick(*NUMBERS)
            case "boolean":
                return self.chance(0.5)
            case _:
                return self.anything(depth)

    def anything(self, depth: int = 0) -> Json:
        """Roll any JSON at all."""
        plain = (None, True, self.text(), self.pick(*INTEGERS), self.pick(*NUMBERS))
        if depth > 2 or self.chance(0.7):
            return self.pick(*plain)
        inner = [self.anything(depth + 1) for _ in range(self.number(0, 2))]
        return inner if self.chance(0.5) else {self.text(): one for one in inner}

    def _object(self, schema: Json, depth: int) -> Json:
        required = schema.get("required", ())
        optional = 0.0 if depth > DEEP else 0.97
        made = {
            name: self.value(inner, name, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in required or self.chance(optional)
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and depth <= DEEP:
            for _ in range(self.number(0, 2)):
                name = f"key{self.number(1, 99)}"
                made[name] = self.value(more, name, depth + 1)
        return made

    def _string(self, schema: Json) -> str:
        match schema.get("format"):
            case "date-time":
                return self.spelled()
            case "date":
                return f"{NOW - timedelta(days=self.number(0, 90)):%Y-%m-%d}"
            case "uri":
                return self.pick("https://acme.example/a/b", "https://evil.example/", "urn:x")
            case _:
                return self.text()[: schema.get("maxLength")]


def unique(items: list[Json]) -> list[Json]:
    return [one for number, one in enumerate(items) if one not in items[:number]]
