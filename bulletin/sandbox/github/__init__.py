"""The sandbox's GitHub: GraphQL over a `World`, and the little REST that clients ask besides.

It refuses what it does not know, a search qualifier or a field, where GitHub's emulators answer
something else: a wrong query must not look like a quiet week.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from werkzeug import Request, Response

from bulletin.sandbox.github.search import search_pull_requests
from bulletin.sandbox.github.shapes import (
    MOST_RECORDS,
    Shape,
    iso,
    parse_size,
    repository_id,
    shape_pull_request,
    shape_repository,
)
from bulletin.sandbox.github.stage import Stage, refuse
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import World

SCHEMA = Path(__file__).parent.with_name("github.graphql")
MOST_RESULTS = 1000


def answer(request: Request, world: World, moment: datetime) -> Response:
    """Answer one request as GitHub does at that moment."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "token"} or token != TOKEN:
        return _json({"message": "Bad credentials"}, 401)
    path = request.path.removeprefix("/api/v3").removeprefix("/api")
    if path == "/graphql" and request.method == "POST":
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            return _json({"message": "Problems parsing JSON"}, 400)
        stage = Stage(world, moment, request.root_url.rstrip("/"))
        return _json(answer_graphql(stage, body["query"], body.get("variables") or {}))
    if path == "/user":
        return _json({"login": "bulletin", "id": 1, "type": "User"})
    if path.lower() == f"/orgs/{world.organization}".lower():
        return _json({"login": world.organization, "id": 2})
    if path == "/rate_limit":
        rate = {"limit": 5000, "remaining": 5000, "used": 0, "reset": int(moment.timestamp())}
        return _json({"resources": {"core": rate, "graphql": rate}, "rate": rate})
    return _json({"message": "Not Found"}, 404)


def answer_graphql(stage: Stage, query: str, variables: Shape) -> Shape:
    """Execute a query; what does not fit the schema is an error, as at GitHub."""
    try:
        document = parse(query)
        troubles = validate(schema(), document)
        if troubles:
            result = ExecutionResult(None, troubles)
        else:
            result = execute_sync(schema(), document, Root(stage), variable_values=variables)
    except GraphQLError as error:
        result = ExecutionResult(None, [error])
    said: Shape = {} if result.data is None else {"data": result.data}
    if result.errors:
        said["errors"] = [_shape_error(error) for error in result.errors]
    return said


@cache
def schema() -> GraphQLSchema:
    """Return the part of GitHub's schema that is spoken here."""
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


def _json(body: Shape, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def _shape_error(error: GraphQLError) -> Shape:
    shape: Shape = dict(error.formatted)
    kind = (error.extensions or {}).get("type")
    return {"type": kind, **shape} if kind else shape


@dataclass(frozen=True, slots=True)
class Root:
    """`Query` of the schema; graphql-core reads its attributes and calls its methods."""

    stage: Stage

    def nodes(self, _: Any, ids: Sequence[str]) -> list[Shape | GraphQLError]:
        """Return what the ids stand for, an error in the place of each that is not known."""
        if len(ids) > MOST_RECORDS:
            message = f"You may not provide more than 100 node ids; you provided {len(ids)}."
            raise refuse("ARGUMENT_LIMIT", message)
        known = {s.story.node: s for s in self.stage.subjects()}
        names = {repository_id(last): last for last in self.stage.repositories()}
        return [
            shape_pull_request(self.stage, known[node])
            if node in known
            else shape_repository(self.stage, names[node])
            if node in names
            else refuse("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
            for node in ids
        ]

    def organization(self, _: Any, login: str) -> Shape:
        """Return the organization. Raises GraphQLError for any other."""
        name = self.stage.world.organization
        if login.lower() != name.lower():
            message = f"Could not resolve to an Organization with the login of '{login}'."
            raise refuse("NOT_FOUND", message)
        return {"__typename": "Organization", "id": "O_1", "login": name}

    def repository(self, _: Any, owner: str, name: str, *, followRenames: bool = True) -> Shape:  # noqa: N803  (GitHub's spelling)
        """Return a repository by its name of the day or a past one."""
        asked = f"{owner}/{name}".lower()
        for last, now in self.stage.repositories().items():
            past = {r.old.lower() for r in self.stage.world.renames if r.new == last}
            if asked == now.lower() or (followRenames and asked in past):
                return shape_repository(self.stage, last)
        message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
        raise refuse("NOT_FOUND", message)

    def search(
        self,
        _: Any,
        query: str,
        type: str,  # noqa: A002  (GitHub's spelling)
        first: int | None = None,
        after: str | None = None,
    ) -> Shape:
        """Return one page of a search, which ends after a thousand results."""
        if type != "ISSUE":
            raise refuse("UNPROCESSABLE", f"the sandbox does not search for {type}")
        found = search_pull_requests(self.stage, query)
        reach = min(len(found), MOST_RESULTS)
        start = parse_cursor(after)
        end = min(start + parse_size("search", first, None), reach)
        return {
            "issueCount": len(found),
            "nodes": [shape_pull_request(self.stage, subject) for subject in found[start:end]],
            "pageInfo": {
                "hasNextPage": end < reach,
                "endCursor": spell_cursor(end) if end > start else None,
            },
        }

    def viewer(self, _: Any) -> Shape:
        """Return the account that asks."""
        return {"id": "U_1", "login": "bulletin"}

    def rateLimit(self, _: Any) -> Shape:  # noqa: N802  (GitHub's spelling)
        """Return a limit that is never reached."""
        reset = iso(self.stage.moment + timedelta(hours=1))
        return {"cost": 1, "limit": 5000, "remaining": 4999, "resetAt": reset}


def spell_cursor(place: int) -> str:
    """Write the cursor of a place in a list."""
    return base64.b64encode(f"cursor:{place}".encode()).decode()


def parse_cursor(text: str | None) -> int:
    """Read a cursor. Raises GraphQLError for what is none."""
    if text is None:
        return 0
    try:
        return int(base64.b64decode(text, validate=True).removeprefix(b"cursor:"))
    except (binascii.Error, ValueError):
        message = f"`{text}` does not appear to be a valid cursor."
        raise refuse("INVALID_CURSOR_ARGUMENTS", message) from None
