"""`bulletin check` for Bugsink: one thing after the other, until one fails."""

from collections.abc import Iterator, Sequence

from bulletin.collectors import Check
from bulletin.collectors.bugsink.client import Client
from bulletin.collectors.bugsink.reading import parse_projects
from bulletin.collectors.bugsink.settings import BugsinkSettings
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused


def check(client: Client, settings: BugsinkSettings) -> Iterator[Check]:
    """Try the address, the token, the projects, and a listing of issues and of events."""
    try:
        projects = parse_projects(client.projects())
    except Refused as refused:
        what = {Cause.REFUSED: "credentials", Cause.FORBIDDEN: "projects"}.get(refused.cause)
        if what is not None:
            yield Check(what="address", ok=True, detail=settings.site)
        what = what or "address"
        yield Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)
        return
    yield Check(what="address", ok=True, detail=settings.site)
    yield Check(what="credentials", ok=True, detail="the token is accepted")
    lost = [slug for slug in settings.projects if slug not in projects.values()]
    known = f"not there, or not for this token: {', '.join(lost)}"
    yield Check(
        what="projects",
        ok=bool(projects) and not lost,
        detail=known if lost else f"{len(projects)} readable",
        hint="" if projects and not lost else "Correct `projects`, or give the token access.",
    )
    wanted = settings.projects or tuple(projects.values())
    yield from _listings(client, [number for number, slug in projects.items() if slug in wanted])


def _listings(client: Client, projects: Sequence[int]) -> Iterator[Check]:
    what = "issues"
    try:
        rows = [row for project in projects[:1] for row in client.newest_issues(project)]
        yield Check(what=what, ok=True, detail="errors can be listed")
        what = "events"
        for row in rows[:1]:
            client.events(str(row.get("id")), None)
            yield Check(what=what, ok=True, detail="events can be counted")
    except Refused as refused:
        yield Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)
