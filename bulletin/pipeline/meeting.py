"""What the meeting decided, as a harvest like any other source's."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bulletin.masking import mask_harvest
from bulletin.model.facts import FactKey, Life
from bulletin.model.harvest import Coverage, Gap, Harvest, State
from bulletin.model.week import Week
from bulletin.model.word import DECISION, MEETING, Word, decisions, week_of

CLOSED = timedelta(days=63)
"""How long a decision that was closed is still told of: as long as it can come back."""


def decided(
    words: Sequence[Word],
    followed: Collection[FactKey],
    *,
    week: Week,
    as_of: datetime,
    web: str | None = None,
    gaps: tuple[Gap, ...] = (),
) -> tuple[Harvest, ...]:
    """Return the decisions that are open, on the list or closed a short while ago.

    The meeting of a week has its edition before it: what it decides is news in the next one.
    `gaps` are what people wrote that could not be understood. Nothing where nobody has ever
    decided anything.
    """
    made = [one for one in decisions(words, web) if week_of(one.key) < week]
    if not made and not gaps:
        return ()
    told = tuple(
        decision
        for decision in made
        if decision.life is Life.OPEN
        or decision.key in followed
        or (decision.closed is not None and decision.closed >= as_of - CLOSED)
    )
    coverage = Coverage(
        source=MEETING,
        kinds=(DECISION,),
        state=State.KNOWN,
        seen=len(told),
        expected=len(told),
        unit="decisions",
        as_of=as_of,
        requests=0,
    )
    return (mask_harvest(Harvest(source=MEETING, facts=told, gaps=gaps, coverage=coverage)),)
