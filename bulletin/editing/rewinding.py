"""Taking facts back to a past moment, as far as their own dates tell how it stood then.

A service tells what is, seldom what was. What happened has a date and keeps it: something that was
closed later was open then, and what began later was not there. What has no date, such as a
severity, is today's word unless nothing was touched since; it is not known of the past, and a rule
that needs it must not judge by what came after.

Three things leave no trace at all: what was deleted or moved away since is not among the facts;
a closed subject that was reopened in silence counts as open all along; and words that only name
something (title, team, services, drill) are today's.
"""

from dataclasses import replace
from datetime import datetime

from bulletin.model.facts import Decision, ErrorTrend, Fact, Incident, Life, PullRequest, Turn

LOSSES = {
    "incident": ("life", "severity", "assigned", "status", "updated"),
    "error": ("life", "substatus", "last_seen", "events"),
    "pull_request": ("life", "last_activity", "checks", "mergeable"),
    "decision": (),
}
"""Fields of each kind of fact that a look back may lose, in the order in which they are told."""
TOUCHED = ("review", "labels", "draft", "additions")
"""And these of a pull request in which something moved since."""
NOT_KNOWN = (None, "", Life.UNKNOWN)


def rewind(fact: Fact, moment: datetime, told: datetime) -> Fact | None:
    """Return how a fact stood at `moment`, which was `told` later; None where it did not exist yet.

    Nothing of it is dated after the moment. Counts of a window stay: the window says of when they
    are. What was told at the moment or before it is as it was told.
    """
    if told <= moment:
        return fact
    match fact:
        case Incident():
            return _incident(fact, moment)
        case ErrorTrend():
            return _error(fact, moment)
        case PullRequest():
            return _pull_request(fact, moment)
        case Decision():
            return _decision(fact, moment)


def _decision(fact: Decision, moment: datetime) -> Decision | None:
    if fact.decided > moment:
        return None
    if fact.closed is None or fact.closed <= moment:
        return fact
    return replace(fact, life=Life.OPEN, closed=None)


def losses(told: Fact, then: Fact) -> tuple[str, ...]:
    """Return the fields that are known of a fact as told, and not of how it stood then."""
    lost = [
        part
        for part in LOSSES[told.type]
        if getattr(told, part) not in NOT_KNOWN and getattr(then, part) in NOT_KNOWN
    ]
    return (*lost, *(TOUCHED if told.type == "pull_request" and "last_activity" in lost else ()))


def _incident(fact: Incident, moment: datetime) -> Incident | None:
    if fact.opened > moment:
        return None
    turns = None if fact.turns is None else tuple(t for t in fact.turns if t.at <= moment)
    life = _life_of_incident(fact, turns, moment)
    untouched = _is_past(fact.updated, moment)
    same_status = untouched or _is_past(fact.status_since, moment)
    return replace(
        fact,
        life=life,
        turns=turns,
        resolved=None if life in {Life.OPEN, Life.UNKNOWN} else _resolved(fact, turns, moment),
        reopened=_past(fact.reopened, moment) or _last(turns, is_open=True),
        status=fact.status if same_status else "",
        status_since=_past(fact.status_since, moment),
        updated=_past(fact.updated, moment),
        severity=fact.severity if untouched else None,
        assigned=fact.assigned if untouched else None,
    )


def _life_of_incident(fact: Incident, turns: tuple[Turn, ...] | None, moment: datetime) -> Life:
    if turns is not None:
        return turns[-1].life if turns else Life.OPEN
    if fact.reopened is not None and fact.reopened > moment:
        # It was closed before that; whether before the moment, nobody says.
        return Life.UNKNOWN
    return _life(fact.life, fact.resolved, moment)


def _life(life: Life, closed: datetime | None, moment: datetime) -> Life:
    """Return a life then, of what has been closed once at most."""
    if life in {Life.OPEN, Life.UNKNOWN}:
        return life
    if closed is None:
        return Life.UNKNOWN
    return Life.OPEN if closed > moment else life


def _resolved(fact: Incident, turns: tuple[Turn, ...] | None, moment: datetime) -> datetime | None:
    return _past(fact.resolved, moment) or _last(turns, is_open=False)


def _last(turns: tuple[Turn, ...] | None, *, is_open: bool) -> datetime | None:
    moments = (turn.at for turn in turns or () if (turn.life is Life.OPEN) is is_open)
    return max(moments, default=None)


def _error(fact: ErrorTrend, moment: datetime) -> ErrorTrend | None:
    """Take an error back. Trackers close and reopen errors by themselves, and date only the last
    closing: but for one that is as new as ever, or closed for good by then, its life is not known.

    One that fired and is declined today, nobody says since when, may not have counted then: how
    often it fired is left out.
    """
    if fact.first_seen is not None and fact.first_seen > moment:
        return None
    always_open = fact.life is Life.OPEN and fact.substatus == "new"
    # A resolution on the last event stands for that or any later moment.
    closed = fact.resolved if fact.resolved != fact.last_seen else None
    was_closed = fact.life in {Life.DONE, Life.DECLINED} and _is_past(closed, moment)
    unsure = fact.life is Life.DECLINED and fact.resolved is None and fact.events != 0
    return replace(
        fact,
        life=fact.life if always_open or was_closed else Life.UNKNOWN,
        substatus="new" if always_open else None,
        last_seen=_past(fact.last_seen, moment),
        resolved=closed if was_closed else None,
        release=fact.release if _is_past(fact.last_seen, moment) else None,
        events=None if unsure else fact.events,
        users=None if unsure else fact.users,
        daily=() if unsure else fact.daily,
    )


def _pull_request(fact: PullRequest, moment: datetime) -> PullRequest | None:
    """Take a pull request back. Its checks and conflicts change without a trace in its dates."""
    if fact.created > moment:
        return None
    untouched = _is_past(fact.last_activity, moment)
    was_draft = fact.ready is not None and fact.ready > moment
    return replace(
        fact,
        life=_life(fact.life, fact.closed, moment),
        closed=_past(fact.closed, moment),
        draft=fact.draft or was_draft,
        ready=_past(fact.ready, moment),
        last_activity=_past(fact.last_activity, moment),
        last_review=_past(fact.last_review, moment),
        labels=fact.labels if untouched else (),
        review=fact.review if untouched else None,
        reviews=fact.reviews if untouched else 0,
        checks=None,
        checks_since=_past(fact.checks_since, moment),
        mergeable=None,
    )


def _past(at: datetime | None, moment: datetime) -> datetime | None:
    return at if _is_past(at, moment) else None


def _is_past(at: datetime | None, moment: datetime) -> bool:
    return at is not None and at <= moment
