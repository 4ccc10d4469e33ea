"""What the history has to say: one finding, and what follows from it."""

from bulletin.model.front import Heading, Sentence
from bulletin.model.history import History, RuleRecord

FEW = 3
"""Editions from which there is anything to learn."""
PLACE = "history"


def lesson(history: History) -> Heading | None:
    """Return the most useful finding; None while there are too few editions for any."""
    if sum(cohort.tally is not None for cohort in history.cohorts) < FEW:
        return None
    if history.retune:
        first = history.retune[0]
        title = _say("heading.history.retune", rule=first.rule, n=first.tally.joined)
        return Heading(place=PLACE, title=title, so_what=_retuned(first))
    if not history.due:
        return Heading(place=PLACE, title=_say("heading.history.early"))
    late = _say("so.history.late", weeks=history.late) if history.late else None
    title = _say("heading.history.soon", soon=history.soon, n=history.due)
    return Heading(place=PLACE, title=title, so_what=late)


def _retuned(record: RuleRecord) -> Sentence:
    if record.knobs:
        return _say("so.history.retune", knobs=", ".join(record.knobs))
    return _say("so.history.retune.off")


def _say(pattern: str, **words: str | int) -> Sentence:
    return Sentence(pattern=pattern, words=words)
