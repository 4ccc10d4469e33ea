"""The lines of `bulletin check` for one Jira."""

from collections.abc import Iterator, Sequence

from bulletin.collectors import Check
from bulletin.collectors.jira.connection import Connection
from bulletin.collectors.jira.reading import Fields, Json, parse_clause
from bulletin.collectors.jira.search import PAGE, Dialect, Found, named, search
from bulletin.collectors.jira.settings import JiraSettings
from bulletin.model.harvest import Cause, Gap
from bulletin.wire.refused import Refused


def failed(what: str, refused: Refused) -> Check:
    """Return the line for something that was refused."""
    return Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)


def check_account(connection: Connection, dialect: Dialect) -> Iterator[Check]:
    """Tell what was found out on connecting."""
    yield Check(what="address", ok=True, detail=f"{connection.base}, {dialect.name}")
    yield Check(what="credentials", ok=True, detail="accepted")
    hint = "Set one in the account's profile; until then each week is read with a day to spare."
    yield Check(
        what="time zone of the account",
        ok=connection.zone is not None,
        detail=str(connection.zone or "unknown"),
        hint="" if connection.zone else hint,
    )


def check_severity(fields: Fields, gaps: Sequence[Gap]) -> Check:
    """Tell which fields the severity is read from."""
    if gaps:
        return Check(what="severity", ok=False, detail=gaps[0].detail, hint=gaps[0].hint)
    return Check(what="severity", ok=True, detail=", else ".join(fields.names))


def check_queries(settings: JiraSettings, dialect: Dialect, fields: Fields) -> Iterator[Check]:
    """Try each query, and the history of the incidents that it finds."""
    issues: tuple[Json, ...] = ()
    for name, jql in (("incidents", settings.incidents), ("scope", settings.scope)):
        if jql is None:
            continue
        found = search(dialect, parse_clause(jql), fields.ids, PAGE)
        issues = issues or found.issues
        if found.refused and found.refused.cause is not Cause.TRUNCATED:
            yield failed(f"query `{name}`", named(found.refused, name))
            continue
        yield Check(what=f"query `{name}`", ok=True, detail=f"accepted, finds {_count(found)}")
        yield from _check_understood(name, parse_clause(jql), dialect, fields)
    if issues:
        _, refused = dialect.histories(issues)
        readable = Check(what="history", ok=True, detail="readable")
        yield failed("history", refused) if refused else readable


def _check_understood(name: str, clause: str, dialect: Dialect, fields: Fields) -> Iterator[Check]:
    """Ask for what a query finds and does not find at once: nothing, unless the server passes over
    what it does not understand, and gives more than was asked for.
    """
    both = search(dialect, f"{clause} AND NOT {clause}", fields.ids, 1)
    if both.issues:
        yield Check(
            what=f"query `{name}`",
            ok=False,
            detail="this server passes over parts of a query, and gives more than was asked for",
            hint="Compare the count with Jira's own search; update what stands in for Jira there.",
        )


def _count(found: Found) -> str:
    return f"more than {len(found.issues)}" if found.expected is None else str(found.expected)
