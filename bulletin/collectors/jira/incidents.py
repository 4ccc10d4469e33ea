"""Issues as incidents: what could be read, and how many could not."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bulletin.collectors.jira.past import parse_closed, parse_turns
from bulletin.collectors.jira.reading import (
    UNREADABLE,
    Json,
    Reading,
    parse_done,
    parse_handle,
    parse_incident,
    parse_key,
    severity_word,
)
from bulletin.collectors.jira.search import Dialect
from bulletin.model.facts import Incident
from bulletin.model.harvest import Cause, Gap
from bulletin.model.text import clean
from bulletin.wire.clocks import refuse_future
from bulletin.wire.refused import Refused

KINDS = ("incident",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """What became of the issues that were found."""

    facts: tuple[Incident, ...]
    gaps: tuple[Gap, ...]
    broken: int
    """Issues that are not in their documented form."""


def read_incidents(
    issues: Iterable[Json], dialect: Dialect, reading: Reading, *, with_turns: bool = False
) -> Incidents:
    """Read every issue once, with its history where the service gives it.

    `with_turns` asks for every closing and reopening too.
    """
    unique = {str(issue.get("id") or id(issue)): issue for issue in issues}
    # Of two that claim one key only one can be on the list; the other counts as broken.
    named = {parse_key(issue): issue for issue in unique.values() if _is_sound(issue, reading)}
    sound = [*named.values()]
    broken = len(unique) - len(sound)
    gaps = [_broken(broken, len(unique)).gap(reading.source, KINDS)] if broken else []
    histories, refused = dialect.histories(sound) if sound else ({}, None)
    if refused:
        gaps.append(refused.gap(reading.source, KINDS, parts=("status_since", "reopened")))
    done = parse_done(sound)
    facts = tuple(
        parse_incident(issue, reading, histories.get(parse_handle(issue)), done) for issue in sound
    )
    gaps += _unmapped(sound, facts, reading)
    if with_turns:
        closed = parse_closed(sound)
        facts = tuple(
            replace(fact, turns=parse_turns(histories.get(fact.handle), closed, fact.life))
            for fact in facts
        )
    return Incidents(facts=facts, gaps=tuple(gaps), broken=broken)


def _is_sound(issue: Json, reading: Reading) -> bool:
    try:
        refuse_future(parse_incident(issue, reading, None, frozenset()), reading.as_of)
        parse_done([issue])
    except UNREADABLE:
        return False
    return True


def _broken(broken: int, total: int) -> Refused:
    return Refused(
        Cause.CHANGED_SHAPE,
        f"{broken} of {total} incidents are not in Jira's documented form",
        "Check that the account may see status, summary and dates; if so, update bulletin.",
    )


def _unmapped(issues: Sequence[Json], facts: Sequence[Incident], reading: Reading) -> Iterator[Gap]:
    """Tell of severity words that mean nothing to us: unknown is not low."""
    words = Counter(
        word
        for issue, fact in zip(issues, facts, strict=True)
        if fact.severity is None and (word := severity_word(issue, reading.fields))
    )
    if not words:
        return
    some = ", ".join(f"'{clean(word, 30)}'" for word, _ in sorted(words.items())[:3])
    yield Refused(
        Cause.UNSUPPORTED,
        f"{words.total()} incidents have a severity that the settings do not explain: {some}",
        "Say in `severities` what these words mean: critical, high, medium or low.",
    ).gap(
        reading.source,
        KINDS,
        parts=("severity",),
        seen=len(facts) - words.total(),
        expected=len(facts),
    )
