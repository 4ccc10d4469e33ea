"""GitHub's GraphQL over emulate's REST: the schema is GitHub's, the pull requests are emulate's.

emulate has no GraphQL. Here graphql-core executes what our collector asks against the schema that
GitHub publishes; the resolvers below read emulate at that moment and hold nothing themselves.
"""

import base64
import json
from datetime import datetime
from functools import cache
from typing import Any

import requests
from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync
from werkzeug import Request, Response

from bulletin.sandbox.server import Answer
from bulletin.sandbox.world import World
from tests.e2e.tools import tool

Json = dict[str, Any]


@cache
def published_schema() -> GraphQLSchema:
    """Return GitHub's schema. Its own text has a duplicate field, hence no validation of it."""
    text = tool("github-schema").read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


def glue(emulate: str) -> Answer:
    """Return a service that answers GraphQL from the emulate at this address."""

    def answer(request: Request, _world: World, _moment: datetime) -> Response:
        rest = Rest(emulate, request.headers.get("Authorization", ""))
        user = rest.ask("user")
        if user.status_code != requests.codes.ok:
            return Response(user.content, user.status_code, content_type="application/json")
        asked = request.get_json()
        result = graphql_sync(
            published_schema(), asked["query"], Root(rest), variable_values=asked["variables"]
        )
        body: Json = {"data": result.data}
        if result.errors:
            body["errors"] = [
                {"type": e.extensions.get("type"), **e.formatted} for e in result.errors
            ]
        return Response(json.dumps(body), content_type="application/json; charset=utf-8")

    return answer


class Rest:
    """emulate, asked with the token that came with the query."""

    def __init__(self, url: str, authorization: str) -> None:
        self._url = url
        self._headers = {"Authorization": authorization} if authorization else {}

    def ask(self, path: str, **params: Any) -> requests.Response:
        address = f"{self._url}/{path}"
        return requests.get(address, params=params, headers=self._headers, timeout=30)

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON. Raises GitHub's own error for what is not there."""
        response = self.ask(path, **params)
        if response.status_code == requests.codes.not_found:
            raise not_found(path)
        response.raise_for_status()
        return response.json()


def not_found(what: str) -> GraphQLError:
    message = f"Could not resolve to anything at '{what}'."
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


class Root:
    """`Query` of the schema, as far as our queries go."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def viewer(self, _: Any) -> Json:
        return {"login": self._rest.get("user")["login"]}

    def organization(self, _: Any, login: str) -> Json:
        return {"login": self._rest.get(f"orgs/{login}")["login"]}

    def repository(self, _: Any, owner: str, name: str, followRenames: bool = True) -> Json:  # noqa: N803  (GitHub's spelling)
        return self._repository(self._rest.get(f"repos/{owner}/{name}"))

    def search(self, _: Any, query: str, type: str, first: int, after: str | None = None) -> Json:  # noqa: A002  (GitHub's spelling)
        assert type == "ISSUE"
        words = [word for word in query.split() if not word.startswith("sort:")]
        assert "sort:created-asc" in query or first == 1, "an order that the glue does not ask for"
        page = int(after or 1)
        found = self._find(" ".join(words), page, first)
        more = page * first < found["total_count"]
        return {
            "issueCount": found["total_count"],
            "nodes": [self._pull_request(item) for item in found["items"]],
            "pageInfo": {"hasNextPage": more, "endCursor": str(page + 1)},
        }

    def nodes(self, _: Any, ids: list[str]) -> list[Json | GraphQLError]:
        items = self._find("is:pr", 1, 100)["items"]
        known = {item["node_id"]: item for item in items}
        names = {repository_of(item) for item in items}
        repositories = {r["node_id"]: r for r in (self._rest.get(f"repos/{n}") for n in names)}
        return [
            self._pull_request(known[one])
            if one in known
            else self._repository(repositories[one])
            if one in repositories
            else not_found(one)
            for one in ids
        ]

    def _find(self, query: str, page: int, size: int) -> Json:
        found: Json = self._rest.get(
            "search/issues", q=query, sort="created", order="asc", per_page=size, page=page
        )
        return found

    def _repository(self, repository: Json) -> Json:
        name = repository["full_name"]

        def blob(_: Any, expression: str) -> Json | None:
            response = self._rest.ask(f"repos/{name}/contents/{expression.partition(':')[2]}")
            if response.status_code == requests.codes.not_found:
                return None
            text = base64.b64decode(response.json()["content"]).decode()
            return {"__typename": "Blob", "text": text}

        return {
            "__typename": "Repository",
            "id": repository["node_id"],
            "nameWithOwner": name,
            "isArchived": repository["archived"],
            "object": blob,
        }

    def _pull_request(self, item: Json) -> Json:
        name = repository_of(item)
        pull = self._rest.get(f"repos/{name}/pulls/{item['number']}")
        reviews = [
            {
                "state": review["state"],
                "submittedAt": review["submitted_at"],
                "author": actor(review["user"]),
            }
            for review in self._rest.get(f"repos/{name}/pulls/{item['number']}/reviews")
        ]
        return {
            "__typename": "PullRequest",
            "id": pull["node_id"],
            "number": pull["number"],
            "title": pull["title"],
            "url": pull["html_url"],
            "state": "MERGED" if pull["merged"] else pull["state"].upper(),
            "isDraft": pull["draft"],
            "headRefName": pull["head"]["ref"],
            "createdAt": pull["created_at"],
            "updatedAt": pull["updated_at"],
            "closedAt": pull["closed_at"],
            "additions": pull["additions"],
            "deletions": pull["deletions"],
            "changedFiles": pull["changed_files"],
            "mergeable": {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}[
                pull["mergeable"]
            ],
            "reviewDecision": None,
            "author": actor(pull["user"]),
            "repository": self._repository(pull["base"]["repo"]),
            "labels": connection([{"name": label["name"]} for label in pull["labels"]]),
            "reviews": connection(reviews),
            "timelineItems": connection([]),
            "commits": lambda _, **__: {"nodes": [{"commit": self._commit(name, pull)}]},
        }

    def _commit(self, repository: str, pull: Json) -> Json:
        commit = self._rest.get(f"repos/{repository}/commits/{pull['head']['sha']}")
        runs = self._rest.get(f"repos/{repository}/commits/{commit['sha']}/check-runs")
        latest = {run["name"]: run["conclusion"] for run in runs["check_runs"]}
        words = set(latest.values())
        state = "FAILURE" if "failure" in words else "PENDING" if None in words else "SUCCESS"
        return {
            "messageHeadline": commit["commit"]["message"].partition("\n")[0],
            "committedDate": commit["commit"]["committer"]["date"],
            "statusCheckRollup": {"state": state} if words else None,
        }


def repository_of(item: Json) -> str:
    """Return `owner/name` of what a search found, from its address."""
    path: str = item["url"].partition("/repos/")[2]
    return "/".join(path.split("/")[:2])


def actor(user: Json) -> Json:
    return {"__typename": user["type"], "login": user["login"]}


def connection(everything: list[Json]) -> Any:
    """Return a field that gives the first or last so many, of the states that are asked for."""

    def nodes(_: Any, first: int | None = None, last: int | None = None, **more: Any) -> Json:
        kept = [one for one in everything if "states" not in more or one["state"] in more["states"]]
        return {"nodes": kept[:first] if first is not None else kept[-(last or 0) :]}

    return nodes
