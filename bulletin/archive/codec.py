"""An edition as bytes: one canonical JSON, whose SHA-256 is the edition's identity."""

import hashlib
import json
import math
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from bulletin.errors import BulletinError
from bulletin.model.edition import SCHEMA, Edition, Filed

EDITION = TypeAdapter(Edition)
RESTORE = "Restore the archive from a backup; `bulletin verify` says which editions are whole."


def dumps(edition: Edition) -> bytes:
    """Return the canonical JSON: sorted keys, no spaces, UTF-8, moments in UTC as `…T09:00:00Z`.

    Half of a surrogate pair, which JSON can carry and UTF-8 cannot, becomes `?`. Raises
    ValueError for a moment without a zone and for a number that is not finite.
    """
    text = json.dumps(
        EDITION.dump_python(edition),
        default=_written,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode("utf-8", "replace")


def loads(body: bytes) -> Edition:
    """Read what `dumps` wrote. Raises `BulletinError` for anything else.

    Unknown keys, numbers that are not finite, words where numbers belong: nothing is guessed.
    """
    try:
        raw = json.loads(body, parse_constant=_refuse, parse_float=_finite)
        number = raw["schema"] if isinstance(raw, dict) else None
    except (ValueError, KeyError, RecursionError) as error:
        raise BulletinError("this is no edition: it is not the JSON of one", RESTORE) from error
    if isinstance(number, int) and number > SCHEMA:
        raise BulletinError(
            f"this edition was written by a newer version (its schema is {number}, ours {SCHEMA})",
            "Update bulletin.",
        )
    if number != SCHEMA or isinstance(number, bool):
        raise BulletinError("this is no edition: its schema number is not known", RESTORE)
    try:
        return EDITION.validate_json(body, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])[:100]
        raise BulletinError(
            f"this is no edition: at '{where}', {first['type'].replace('_', ' ')}"
            f" ({error.error_count()} faults in all)",
            RESTORE,
        ) from None


def digest(body: bytes) -> str:
    """Return the SHA-256 of stored bytes, as 64 hexadecimal digits in lower case."""
    return hashlib.sha256(body).hexdigest()


def file(edition: Edition) -> Filed:
    """Return the edition as it is stored. What is printed is what was read back."""
    body = dumps(edition)
    return Filed(edition=loads(body), digest=digest(body), body=body)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `edition.json`: the stored edition and its `digest`."""
    made = EDITION.json_schema(mode="serialization", schema_generator=_Complete)
    made["properties"]["digest"] = {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "title": "Digest",
        "description": "SHA-256 of the edition as it is stored: canonical JSON without this key.",
    }
    made["required"] = sorted([*made["required"], "digest"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


class _Complete(GenerateJsonSchema):
    """Every key is always written, also where the model has a default."""

    def field_is_required(self, *_: Any, **__: Any) -> bool:
        return True


def _written(value: object) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            msg = "a moment without a zone cannot be filed"
            raise ValueError(msg)
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    msg = f"a {type(value).__name__} cannot be filed"
    raise TypeError(msg)


def _refuse(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse(text)
    return number
