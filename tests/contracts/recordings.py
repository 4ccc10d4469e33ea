"""PyGithub's recordings of real traffic with GitHub: read where they lie, never copied."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.e2e.tools import tool

LINES = 10
"""Scheme, verb, host, port, path, headers and body of a request; status, headers, body."""
START = re.compile(r"^https?\n(?:DELETE|GET|PATCH|POST|PUT)\n", re.MULTILINE)
HOP = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})
"""What speaks of one connection, and not of the body that was recorded."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One exchange as it was recorded."""

    file: str
    verb: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text where it is not there."""
        return next((value for one, value in self.headers if one.lower() == name), "")

    @property
    def json(self) -> Any:
        """Return the body. Raises ValueError where it is no JSON."""
        return json.loads(self.body)


@cache
def recordings() -> tuple[Recording, ...]:
    """Return every exchange of every file."""
    folder = tool("github-replays")
    return tuple(one for path in sorted(folder.glob("*.txt")) for one in read(path))


def read(path: Path) -> Iterator[Recording]:
    """Read the exchanges of one file; only the last of their lines goes on over several."""
    text = path.read_text(encoding="utf-8")
    starts = [match.start() for match in START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        _, verb, _, _, where, _, _, status, headers, body = text[start:end].split("\n", LINES - 1)
        yield Recording(
            file=path.name,
            verb=verb,
            path=where,
            status=int(status),
            headers=tuple((n, v) for n, v in ast.literal_eval(headers) if n.lower() not in HOP),
            body=body.removesuffix("\n\n").encode(),
        )
