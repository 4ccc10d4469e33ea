"""Hindsight: what was asked long after a week closed, taken back to its end and marked as such."""

from dataclasses import replace
from datetime import datetime

from bulletin.editing.rewinding import losses, rewind
from bulletin.model.harvest import Cause, Gap, Harvest, State
from bulletin.model.week import Window

HINT = "An edition that is made on its day knows; nobody can know it afterwards."


def rewound(harvest: Harvest, window: Window, as_of: datetime) -> Harvest:
    """Return how a source stood at the end of a window, as far as its facts' own dates tell.

    What it can no longer know is two gaps: the subjects that left no trace, and the fields of those
    that are there. So nothing of it is known, and a part that is missing stays missing. That
    something is gone today says nothing of then: it is not told.
    """
    coverage = harvest.coverage
    if coverage.state is State.UNKNOWN:
        return harvest
    told = [(fact, rewind(fact, window.end, as_of)) for fact in harvest.facts]
    known = [(fact, then) for fact, then in told if then is not None]
    lost = [losses(fact, then) for fact, then in known]
    parts = tuple(dict.fromkeys(part for some in lost for part in some))
    gaps = [_traceless(harvest, window, as_of)]
    if parts:
        gaps.append(_unknown(harvest, parts, sum(not some for some in lost), len(lost)))
    gone = len(told) - len(known)
    return replace(
        harvest,
        facts=tuple(then for _, then in known),
        gaps=(*harvest.gaps, *gaps),
        missing=(),
        coverage=replace(
            coverage,
            state=State.STALE if coverage.state is State.KNOWN else coverage.state,
            seen=coverage.seen - gone if coverage.seen == len(told) else coverage.seen,
            expected=(
                coverage.expected - gone
                if coverage.expected is not None and coverage.expected == len(told)
                else coverage.expected
            ),
        ),
    )


def _traceless(harvest: Harvest, window: Window, as_of: datetime) -> Gap:
    days = (as_of - window.end).days
    return Gap(
        source=harvest.source,
        reason=Cause.AFTERWARDS,
        detail=f"asked {days} days after the week closed: what is deleted or moved since is not"
        " there",
        hint=HINT,
    )


def _unknown(harvest: Harvest, parts: tuple[str, ...], whole: int, total: int) -> Gap:
    named = ", ".join(part.replace("_", " ") for part in parts)
    return Gap(
        source=harvest.source,
        kinds=harvest.coverage.kinds,
        parts=parts,
        reason=Cause.AFTERWARDS,
        detail=f"how it stood then is not known of {total - whole} of {total}: {named}",
        hint=HINT,
        seen=whole,
        expected=total,
    )
