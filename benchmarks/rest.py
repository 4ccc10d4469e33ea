"""The REST that GitHub speaks besides GraphQL, over the sandbox's company, for others to ask.

As far as a loop with PyGithub, perceval and github-to-sqlite need it; anything else is a 404.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug import Request, Response

from bulletin.sandbox import github
from bulletin.sandbox.github.shapes import iso
from bulletin.sandbox.github.stage import Stage, Subject
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import World, digest

PER_PAGE = 30
STATES = {"success": "success", "failure": "failure", "pending": "pending"}


def answer(request: Request, world: World, moment: datetime) -> Response:
    """Answer REST here, and what else there is by the sandbox's GitHub."""
    path = request.path.removeprefix("/api/v3")
    if request.headers.get("Authorization", "").partition(" ")[2] != TOKEN:
        return github.answer(request, world, moment)
    face = Face(Stage(world, moment, request.root_url.rstrip("/")))
    for pattern, method in ROUTES:
        match = re.fullmatch(pattern, path)
        if match:
            found = method(face, request, **match.groupdict())
            if found is None:
                break
            return _paged(request, found) if isinstance(found, list) else _json(found)
    return github.answer(request, world, moment)


class Face:
    """One moment of the company in REST's shapes. What is not there is None."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def repositories(self, _: Request, org: str) -> list[Any]:
        names = self.stage.repositories().values()
        return [self.shape_repository(name) for name in names if name.startswith(f"{org}/")]

    def repository(self, _: Request, repo: str) -> Any:
        return self.shape_repository(repo)

    def pulls(self, request: Request, repo: str) -> list[Any]:
        state = request.args.get("state", "open")
        found = self.subjects(repo)
        kept = [
            s for s in found if state == "all" or (s.state.state == "OPEN") == (state == "open")
        ]
        return [self.shape_pull(subject) for subject in kept]

    def issues(self, request: Request, repo: str) -> list[Any]:
        return [
            {**pull, "pull_request": {"url": pull["url"]}} for pull in self.pulls(request, repo)
        ]

    def pull(self, _: Request, repo: str, number: str) -> Any:
        for subject in self.subjects(repo):
            if subject.story.number == int(number):
                story = subject.story
                sizes = {"additions": story.additions, "deletions": story.deletions}
                more = {"changed_files": story.files, "mergeable": not subject.state.conflicting}
                return {**self.shape_pull(subject), **sizes, **more, "commits": 1}
        return None

    def reviews(self, _: Request, repo: str, number: str) -> list[Any]:
        (subject,) = [s for s in self.subjects(repo) if s.story.number == int(number)]
        return [
            {
                "id": place + 1,
                "user": self.user(None, review.author),
                "state": review.state,
                "submitted_at": iso(review.at),
                "html_url": "",
            }
            for place, review in enumerate(subject.state.reviews)
        ]

    def commits(self, _: Request, repo: str, number: str) -> list[Any]:
        (subject,) = [s for s in self.subjects(repo) if s.story.number == int(number)]
        return [{"sha": self.sha(subject)}]

    def nothing(self, _: Request, **__: str) -> list[Any]:
        return []

    def reviewers(self, _: Request, **__: str) -> Any:
        return {"users": [], "teams": []}

    def commit(self, _: Request, repo: str, sha: str) -> Any:
        return {"sha": sha, "url": f"{self.stage.web}/repos/{repo}/commits/{sha}"}

    def status(self, _: Request, repo: str, sha: str) -> Any:
        for subject in self.subjects(repo):
            if self.sha(subject) == sha:
                state = STATES.get((subject.state.checks or "").lower(), "pending")
                return {"state": state, "total_count": 1, "statuses": [], "sha": sha}
        return None

    def check_runs(self, _: Request, **__: str) -> Any:
        return {"total_count": 0, "check_runs": []}

    def user(self, _: Request | None, login: str) -> Any:
        return {"login": login, "id": int(digest(login)[:6], 16), "type": "User", "name": login}

    def subjects(self, repo: str) -> Sequence[Subject]:
        return [subject for subject in self.stage.subjects() if subject.repository == repo]

    def sha(self, subject: Subject) -> str:
        return digest(subject.story.node, subject.state.pushed.isoformat())[:40]

    def shape_repository(self, name: str) -> Any:
        owner, _, short = name.partition("/")
        return {
            "id": int(digest(name)[:6], 16),
            "name": short,
            "full_name": name,
            "owner": {**self.user(None, owner), "type": "Organization"},
            "url": f"{self.stage.web}/repos/{name}",
            "html_url": f"{self.stage.web}/{name}",
            "license": None,
            "private": False,
            "updated_at": iso(self.stage.moment),
        }

    def shape_pull(self, subject: Subject) -> Any:
        story, state, name = subject.story, subject.state, subject.repository
        home = f"repos/{name}/pulls/{story.number}"
        return {
            "id": int(digest(story.node)[:8], 16),
            "number": story.number,
            "title": story.title,
            "body": "",
            "state": "open" if state.state == "OPEN" else "closed",
            "draft": state.draft,
            "user": self.user(None, story.author),
            "labels": [],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "merged_by": None,
            "created_at": iso(story.created),
            "updated_at": iso(state.updated),
            "closed_at": iso(state.closed),
            "url": f"{self.stage.web}/{home}",
            "html_url": f"{self.stage.web}/{name}/pull/{story.number}",
            "head": {"sha": self.sha(subject), "ref": "topic", "repo": None, "user": None},
            "base": {"repo": self.shape_repository(name), "ref": "main", "sha": digest(name)[:40]},
            "active_lock_reason": None,
            "requested_reviewers": [],
            "requested_teams": [],
            "review_comments": 0,
            "review_comments_url": f"{self.stage.web}/{home}/comments",
            "commits_url": f"{self.stage.web}/{home}/commits",
            "_links": {"html": {"href": f"{self.stage.web}/{name}/pull/{story.number}"}},
        }


REPOSITORY = r"/repos/(?P<repo>[^/]+/[^/]+)"
PULL = REPOSITORY + r"/pulls/(?P<number>\d+)"
COMMIT = REPOSITORY + r"/commits/(?P<sha>[0-9a-f]{40})"
ROUTES: Sequence[tuple[str, Any]] = (
    (r"/orgs/(?P<org>[^/]+)/repos", Face.repositories),
    (REPOSITORY, Face.repository),
    (f"{REPOSITORY}/pulls", Face.pulls),
    (f"{REPOSITORY}/issues", Face.issues),
    (PULL, Face.pull),
    (f"{PULL}/reviews", Face.reviews),
    (f"{PULL}/commits", Face.commits),
    (f"{PULL}/comments", Face.nothing),
    (f"{PULL}/requested_reviewers", Face.reviewers),
    (COMMIT, Face.commit),
    (f"{COMMIT}/status", Face.status),
    (f"{COMMIT}/check-runs", Face.check_runs),
    (r"/users/(?P<login>[^/]+)", Face.user),
    (r"/users/(?P<login>[^/]+)/orgs", Face.nothing),
)


def _paged(request: Request, everything: Sequence[Any]) -> Response:
    size = min(100, request.args.get("per_page", PER_PAGE, int))
    page = request.args.get("page", 1, int)
    response = _json(everything[(page - 1) * size : page * size])
    if page * size < len(everything):
        query = urlencode({**request.args.to_dict(), "page": page + 1})
        response.headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
    return response


def _json(body: Any) -> Response:
    response = Response(json.dumps(body), content_type="application/json; charset=utf-8")
    response.headers["X-RateLimit-Remaining"] = "5000"
    response.headers["X-RateLimit-Reset"] = "4102444800"
    return response
