"""`bulletin check` for Sentry: one thing after the other, until one fails."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from bulletin.collectors import Check
from bulletin.collectors.sentry.client import Client
from bulletin.collectors.sentry.reading import is_ours, parse_readable
from bulletin.model.harvest import Cause
from bulletin.wire.http import Refused


def check(client: Client) -> Iterator[Check]:
    """Try the address, the token, the organization, its projects and a listing of errors."""
    settings = client.settings
    try:
        organization = client.locate()
    except Refused as refused:
        what = {
            Cause.REFUSED: "credentials",
            Cause.FORBIDDEN: "organization",
            Cause.NOT_FOUND: "organization",
        }.get(refused.cause, "address")
        if what != "address":
            yield Check(what="address", ok=True, detail=settings.site)
        yield Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)
        return
    yield Check(what="address", ok=True, detail=settings.site)
    yield Check(what="credentials", ok=True, detail="the token is accepted")
    yield Check(what="organization", ok=True, detail=settings.organization)
    yield _region(client, organization.get("links"))
    yield _projects(client)
    yield _issues(client)


def _region(client: Client, links: object) -> Check:
    match links:
        case {"regionUrl": str(region)} if not is_ours(region, client.settings.site):
            return Check(
                what="region",
                ok=False,
                detail=f"the organization's data is at {urlsplit(region).hostname}, another site",
                hint="Write that address into `site` if you trust it: the token is sent there.",
            )
        case _:
            return Check(what="region", ok=True, detail=client.base)


def _projects(client: Client) -> Check:
    try:
        rows, _ = client.projects()
    except Refused as refused:
        return Check(what="projects", ok=False, detail=refused.detail, hint=refused.hint)
    readable = parse_readable(rows)
    lost = [slug for slug in client.settings.projects if slug not in readable]
    if lost:
        return Check(
            what="projects",
            ok=False,
            detail=f"not there, or not for this token: {', '.join(lost)}",
            hint="Correct `projects`, or give the token's teams access to them.",
        )
    return Check(
        what="projects",
        ok=bool(readable),
        detail=f"{len(readable)} of {len(rows)} readable",
        hint="" if readable else "Give the token's teams access to projects.",
    )


def _issues(client: Client) -> Check:
    refused = client.try_listing()
    if refused is None:
        return Check(what="issues", ok=True, detail="errors can be listed")
    return Check(what="issues", ok=False, detail=refused.detail, hint=refused.hint)
