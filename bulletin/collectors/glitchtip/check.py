"""`bulletin check` for GlitchTip: one thing after the other, until one fails."""

from collections.abc import Iterator

from bulletin.collectors import Check
from bulletin.collectors.glitchtip.client import Client
from bulletin.collectors.glitchtip.reading import parse_projects
from bulletin.collectors.glitchtip.settings import GlitchtipSettings
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused


def check(client: Client, settings: GlitchtipSettings) -> Iterator[Check]:
    """Try the address, the token, the projects, and a listing of issues with their counts."""
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
    lost = [slug for slug in settings.projects if slug not in projects]
    told = f"not there, or not for this token: {', '.join(lost)}"
    yield Check(
        what="projects",
        ok=bool(projects) and not lost,
        detail=told if lost else f"{len(projects)} readable",
        hint="" if projects and not lost else "Correct `organization` and `projects`.",
    )
    yield from _listings(client)


def _listings(client: Client) -> Iterator[Check]:
    what = "issues"
    try:
        rows = client.newest_issues(())
        yield Check(what=what, ok=True, detail="errors can be listed")
        what = "counts"
        numbers = [str(row["id"]) for row in rows[:1] if isinstance(row, dict) and "id" in row]
        client.stats(numbers)
        yield Check(what=what, ok=True, detail="errors can be counted")
    except Refused as refused:
        yield Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)
