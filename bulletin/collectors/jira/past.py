"""What Jira remembers of past weeks: when incidents were closed and reopened, and which numbers are
missing since.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from bulletin.collectors.jira.reading import UNREADABLE, Change, Json, parse_key, parse_moment
from bulletin.collectors.jira.search import PAGE, Dialect
from bulletin.collectors.jira.words import is_declined
from bulletin.model.facts import Incident, Life, Turn
from bulletin.model.harvest import Cause, Gap
from bulletin.model.week import Window
from bulletin.wire.refused import Refused

SPARE = timedelta(days=28)
"""How much earlier is asked for: a number missing at an edge then lies between two that are there.
"""
NAMED = 3
"""Missing numbers that are told by name."""
PROBES = 300
"""Missing numbers that are looked up; of more it is taken that `scope` is no whole project."""
UNASKED = Refused(
    Cause.AFTERWARDS,
    "what was closed since cannot be asked for: the settings have no `scope`",
    "Set `scope` to the JQL of every incident, open or closed, such as `project = INC`.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A number that no incident has, and the two beside it between which it was given."""

    key: str
    after: datetime
    before: datetime


def parse_closed(issues: Iterable[Json]) -> Mapping[str, bool]:
    """Return of every status that an issue is in, by id, whether it is a closed one."""
    statuses = [issue["fields"]["status"] for issue in issues]
    return {f"{s.get('id')}": s["statusCategory"]["key"] == "done" for s in statuses}


def parse_turns(
    changes: Sequence[Change] | None, closed: Mapping[str, bool], life: Life
) -> tuple[Turn, ...] | None:
    """Return every closing and reopening, oldest first.

    None where the history is unknown, passes through a status that is not known to be closed or
    open, or does not end where the issue is today.
    """
    turns: list[Turn] = []
    resolution = ""
    for at, group in groupby(changes or (), key=lambda change: change.at):
        now = {change.field: change for change in group}
        status, resolved = now.get("status"), now.get("resolution")
        if resolved is not None:
            resolution = resolved.word if resolved.after else ""
        is_closed = closed.get(f"{status.after}") if status else None
        if is_closed is None and resolved is not None:
            is_closed = resolved.after is not None
        if is_closed is None:
            return None
        said = resolution or (status.word if status else "")
        then = Life.OPEN if not is_closed else Life.DECLINED if is_declined(said) else Life.DONE
        if then is not (turns[-1].life if turns else Life.OPEN):
            turns.append(Turn(at, then))
    ends = turns[-1].life if turns else Life.OPEN
    return tuple(turns) if changes is not None and ends is life else None


def of_window(incidents: Iterable[Incident], window: Window) -> tuple[Incident, ...]:
    """Return the incidents that were there in a window: opened before its end, and not closed for
    good before its start.
    """
    return tuple(
        one
        for one in incidents
        if one.opened < window.end and (one.resolved is None or one.resolved >= window.start)
    )


def lost_numbers(incidents: Iterable[Incident], since: datetime, dialect: Dialect) -> list[Lost]:
    """Return the numbers that nothing has between two incidents that were opened since then.

    What is there under that very name is no incident, and is looked up. What cannot be looked up
    stays in doubt.
    """
    known = {one.key.subject: one.opened for one in incidents if one.opened >= since}
    lost = missing_numbers(known)
    if not lost or len(lost) > PROBES:
        return lost
    try:
        for start in range(0, len(lost), PAGE):
            keys = [one.key for one in lost[start : start + PAGE]]
            for issue in dialect.batch(keys, ["created"]):
                known[parse_key(issue)] = parse_moment(issue["fields"]["created"])
    except (Refused, *UNREADABLE):
        return lost
    return missing_numbers(known)


def missing_numbers(known: Mapping[str, datetime]) -> list[Lost]:
    """Return the numbers that none of the keys has, between two that are there.

    Jira gives the numbers of a project in a row: a missing one was deleted, has moved to another
    project, or is not for us.
    """
    projects: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for key, opened in known.items():
        project, _, number = key.rpartition("-")
        projects[project].append((int(number), opened))
    return [
        Lost(key=f"{project}-{number}", after=after, before=before)
        for project, numbers in sorted(projects.items())
        for (low, after), (high, before) in pairwise(sorted(numbers))
        for number in range(low + 1, min(high, low + PROBES + 2))
    ]


def lost_in(lost: Iterable[Lost], window: Window, source: str) -> Iterator[Gap]:
    """Tell of the numbers that may have been given in a window, and are missing since."""
    mine = [one for one in lost if one.after < window.end and one.before >= window.start]
    if mine:
        named = ", ".join(one.key for one in mine[:NAMED])
        named += f" and {len(mine) - NAMED} more" if len(mine) > NAMED else ""
        yield Refused(
            Cause.AFTERWARDS,
            f"no longer there: {named}, deleted or moved",
            "What they were cannot be known afterwards: the week's counts are at least so many.",
        ).gap(source, ("incident",))
