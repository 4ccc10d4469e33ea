"""What each part of the page has to say: a finding for its title, and what follows from it."""

from collections.abc import Iterator, Mapping, Sequence

from bulletin.editing.rules.decision_unkept import is_unkept
from bulletin.model.edition import UNDEPLOYED, Figure, Item, ItemState, Ledger, Section, Trend
from bulletin.model.facts import Severity
from bulletin.model.front import Heading, Sentence
from bulletin.model.harvest import State
from bulletin.model.word import DECISION

STAYED = frozenset({ItemState.CARRIED, ItemState.UNKNOWN, ItemState.PERSISTING})
OLD = 3
"""Weeks on the list from which age is the news."""


def headings(
    *,
    items: Sequence[Item],
    sections: Sequence[Section],
    figures: Sequence[Figure],
    ledger: Ledger,
    states: Mapping[str, State],
    first: bool,
    late: bool = False,
) -> tuple[Heading, ...]:
    """Return one heading for each part of the page that has something to say.

    `late` says that the week is told afterwards.
    """
    made = [] if first else [_gone(ledger, figures, items), *_stayed(items)]
    made += [_section(section, items, states, late=late) for section in sections]
    if figures:
        made.append(_figures(figures))
    return tuple(made)


def _gone(ledger: Ledger, figures: Sequence[Figure], items: Sequence[Item]) -> Heading:
    settled = ledger.fixed + ledger.cleared
    left = ledger.dropped + ledger.waived
    if settled:
        title = _say("heading.gone", n=settled, then=ledger.open_then)
    elif left:
        title = _say("heading.gone.left", n=left)
    elif ledger.open_then:
        dark = any(item.is_dark for item in items)
        title = _say("heading.gone.unsure" if dark else "heading.gone.none", n=ledger.open_then)
    else:
        title = _say("heading.gone.empty")
    rate = next((figure for figure in figures if figure.name == "settled"), None)
    return Heading(place="gone", title=title, so_what=_rate(rate) if rate else None)


def _rate(figure: Figure) -> Sentence | None:
    """Say what the share of settled items is worth, beside what is usual."""
    if figure.value is None:
        return None
    if figure.state is not State.KNOWN:
        return _say("so.settled.partial", value=figure.value)
    if figure.lower is not None and figure.upper is not None:
        usual = {"lower": round(figure.lower), "upper": round(figure.upper)}
        which = "wide" if figure.varies else "usual"
        if figure.is_signal:
            which = "above" if figure.value > figure.upper else "below"
        return _say(f"so.settled.{which}", value=figure.value, **usual)
    if figure.before is not None:
        return _say("so.settled.before", value=figure.value, before=figure.before)
    return _say("so.settled.first", value=figure.value)


def _stayed(items: Sequence[Item]) -> Iterator[Heading]:
    stayed = [item for item in items if item.state in STAYED and not item.unwaived]
    if not stayed:
        return
    # What is back from its rest stands beside them where this is read.
    beside = [item for item in items if item.state in STAYED]
    oldest = min(beside, key=lambda item: (-item.weeks, -item.severity, item.key))
    worse = sum(1 for item in beside if item.trend is Trend.WORSE)
    if worse and oldest.weeks < OLD:
        so_what = _say("so.worse", n=worse)
    else:
        so_what = _say("so.oldest", title=oldest.title, weeks=oldest.weeks)
    dark = sum(1 for item in stayed if item.is_dark)
    seen = len(stayed) - dark
    if not dark:
        title = _say("heading.stayed", n=seen)
    elif not seen:
        title = _say("heading.stayed.dark", n=dark)
    else:
        title = _say("heading.stayed.some", n=seen, dark=dark)
    yield Heading(place="stayed", title=title, so_what=so_what)


def _section(
    section: Section, items: Sequence[Item], states: Mapping[str, State], *, late: bool
) -> Heading:
    kind = section.kind
    listed = [item for item in items if item.kind == kind and item.state.on_list]
    state = states.get(kind, State.UNKNOWN)
    if state is State.UNKNOWN:
        title = _say("heading.dark", n=len(listed)) if listed else _say("heading.dark.empty")
        return Heading(place=kind, title=title, so_what=_say("so.dark"))
    if not listed:
        is_clear = state is State.KNOWN and not section.blind
        unsure = f"heading.unsure.{state}"
        if late and state is State.STALE:
            unsure = "heading.unsure.afterwards"
        return Heading(place=kind, title=_say("heading.clear" if is_clear else unsure))
    return Heading(place=kind, title=_finding(kind, listed), so_what=_so_what(listed))


def _finding(kind: str, listed: Sequence[Item]) -> Sentence:
    grave = sum(1 for item in listed if item.severity >= Severity.HIGH)
    new = sum(1 for item in listed if item.state is ItemState.NEW)
    if kind == "incident" and grave:
        which = "all-grave" if grave == len(listed) else "grave"
        return _say(f"heading.incident.{which}", n=len(listed), grave=grave)
    if kind == "error" and 0 < new < len(listed):
        return _say("heading.error.new", n=len(listed), new=new)
    return _say(f"heading.{kind}", n=len(listed))


def _so_what(listed: Sequence[Item]) -> Sentence:
    """Return the first that applies, from what blocks everything to what needs nothing."""
    goes_on = [item for item in listed if item.kind != DECISION]
    counts = (
        ("so.unowned", sum(1 for item in listed if item.owner is None)),
        ("so.unkept", sum(1 for item in listed if is_unkept(item))),
        ("so.persisting", sum(1 for item in goes_on if item.state is ItemState.PERSISTING)),
        ("so.reopened", sum(1 for item in listed if item.state is ItemState.REOPENED)),
        ("so.worse", sum(1 for item in listed if item.trend is Trend.WORSE)),
        ("so.old", sum(1 for item in listed if item.weeks >= OLD)),
        ("so.undeployed", sum(1 for item in listed if item.why == UNDEPLOYED)),
        ("so.unknown", sum(1 for item in listed if item.is_dark)),
    )
    for pattern, n in counts:
        if n:
            return _say(pattern, n=n)
    if all(item.state is ItemState.NEW for item in listed):
        return _say("so.all-new", n=len(listed))
    return _say("so.steady")


def _figures(figures: Sequence[Figure]) -> Heading:
    signals = [figure for figure in figures if figure.is_signal]
    if signals:
        first = max(signals, key=lambda figure: figure.is_worse)
        others = len(signals) - 1
        alone = "so.figures" if first.is_worse else "so.figures.other"
        so_what = _say("so.figures.more" if others else alone, name=first.name, n=others)
        title = _say("heading.figures.signal", n=len(signals))
        return Heading(place="figures", title=title, so_what=so_what)
    usual = [figure for figure in figures if figure.lower is not None]
    if usual and all(figure.state is State.KNOWN for figure in figures):
        return Heading(place="figures", title=_say("heading.figures.usual"))
    if any(figure.state is not State.KNOWN for figure in figures):
        unsure = _say("so.figures.unsure")
        return Heading(place="figures", title=_say("title.figures"), so_what=unsure)
    return Heading(place="figures", title=_say("title.figures"))


def _say(pattern: str, **words: str | int) -> Sentence:
    return Sentence(pattern=pattern, words=words)
