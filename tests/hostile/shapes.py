"""Editions whose every field of text is ours to fill, found in the model by reflection."""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache, cached_property
from typing import Any, Union, get_args, get_origin, get_type_hints

from bulletin.archive.codec import file
from bulletin.model.edition import Edition, Filed, Item, ItemState, Ledger, Reason, Section
from bulletin.model.facts import FactKey, Severity
from bulletin.model.fold import Fold, Part
from bulletin.model.front import Correction, Heading, Headline, Question, Sentence, Words
from bulletin.model.harvest import Cause, Gap, State
from bulletin.model.history import Cohort, History, RuleRecord, Tally, TeamRecord
from bulletin.model.week import Week
from tests.builders import decision
from tests.menagerie import (
    AS_OF,
    FACTS,
    FIGURES,
    KINDS,
    WAIVER,
    WEEK,
    coverage,
    everything,
    planned,
)

OURS = frozenset(
    {
        "Correction.state", "Coverage.kinds", "Coverage.unit", "Edition.bundle",
        "Edition.corrects", "Edition.previous", "Edition.tone", "Edition.web", "Edition.zone",
        "FactKey.kind", "FactKey.source",
        "Figure.higher_is", "Figure.name", "Figure.section", "Figure.unit", "Gap.kinds",
        "Heading.place", "Headline.line", "Headline.pattern", "Item.kind", "Item.why",
        "Reason.rule", "Reason.unit", "Remark.line", "Remark.situation", "Remark.words",
        "Section.kind",
        "Section.name", "Sentence.pattern", "Talk.figure",
        "RuleRecord.setting", "RuleRecord.rule", "RuleRecord.knobs",
    }
)  # fmt: skip
"""Fields of text that no stranger writes: ids, digests, and names that the settings check."""
STRANGE = "a rule that the catalogue does not know"
"""In a field of ours: fill it all the same."""
Put = Callable[[str], str]
OWN_HOST = "https://services.example/"


def filled(value: Any, put: Put) -> Any:
    """Return the value with every field of text, at any depth, as `put` answers for its name.

    One subject of a key gets one answer, so that sections still find their items.
    """
    subjects: dict[str, str] = {}

    def text(where: str, old: str | None) -> str | None:
        if where in OURS and old != STRANGE:
            return old
        if where != "FactKey.subject":
            return put(where)
        if old not in subjects:
            subjects[str(old)] = put(where)
        return subjects[str(old)]

    def walk(one: Any) -> Any:
        hints = _hints(type(one))
        return replace(
            one,
            **{
                f.name: _field(
                    f"{type(one).__name__}.{f.name}", hints[f.name], getattr(one, f.name)
                )
                for f in fields(one)
            },
        )

    def _field(where: str, hint: Any, old: Any) -> Any:
        if hint in {str, str | None}:
            return text(where, old)
        if hint == tuple[str, ...]:
            return old if where in OURS else tuple(text(where, None) for _ in range(2))
        if hint == Words:
            # A figure's name is the catalogue's.
            foreign = {k for k, v in old.items() if isinstance(v, str) and k != "name"}
            return {k: text(where, v) if k in foreign else v for k, v in old.items()}
        if isinstance(old, tuple):
            return tuple(walk(one) if is_dataclass(one) else one for one in old)
        return walk(old) if is_dataclass(old) else old

    return walk(value)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def text_fields(kind: type = Edition) -> set[str]:
    """Return the names of all fields of text in a type of the model and in what it holds."""
    found, seen, waiting = set(), set(), [kind]
    while waiting:
        one = waiting.pop()
        if not is_dataclass(one) or one in seen:
            continue
        seen.add(one)
        for name, hint in _hints(one).items():
            if hint == Words or str in _leaves(hint):
                found.add(f"{one.__name__}.{name}")
            waiting += _leaves(hint)
    return found


def _leaves(hint: Any) -> list[Any]:
    if get_origin(hint) in {tuple, dict, Union, types.UnionType}:
        return [leaf for part in get_args(hint) for leaf in _leaves(part)]
    return [hint]


@dataclass(frozen=True, eq=False)
class Shape:
    """An edition to be filled, and its twin in which every field holds a harmless word."""

    model: Edition

    def fill(self, texts: Mapping[str, str]) -> Filed:
        """Return it with these texts in place of the harmless words, and those where none is."""
        return file(self._filled(texts, {}))

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Every harmless word, in order, and the field that it stands in."""
        found: dict[str, str] = {}
        self._filled({}, found)
        return found

    def _filled(self, texts: Mapping[str, str], found: dict[str, str]) -> Edition:
        def put(where: str) -> str:
            word = f"inert{len(found):05d}"
            found[word] = where
            harmless = OWN_HOST + word if where.endswith(".url") and is_linked(word) else word
            return texts.get(word, harmless)

        return filled(self.model, put)


def is_linked(word: str) -> bool:
    """Whether the address that this harmless word stands for makes a link: every third does."""
    return int(word.removeprefix("inert")) % 3 == 0


def _specimen(hint: Any) -> Any:
    """Return the least value of a type, and one of everything that it holds."""
    some = [part for part in get_args(hint) if part not in {type(None), ...}]
    if get_origin(hint) is tuple:
        return () if some == [str] else (_specimen(some[0]),)
    if some and get_origin(hint) is not dict:
        return _specimen(some[0])
    if hint is FactKey:
        return FactKey("source", "kind", "specimen")
    if hint is Week:
        return WEEK
    if hint is datetime:
        return AS_OF
    if is_dataclass(hint):
        return hint(**{name: _specimen(of) for name, of in _hints(hint).items()})
    return next(iter(hint)) if isinstance(hint, type) and issubclass(hint, Enum) else hint()


SETTLED = Tally(joined=1, fixed=1)
HISTORY = History(
    before=Tally(),
    cohorts=(Cohort(week=WEEK.shift(-1), tally=SETTLED, soon=1), Cohort(week=WEEK, tally=Tally())),
    rules=(RuleRecord(rule="incident-old", setting="incident-old()", tally=SETTLED, weeks=1),),
    teams=(TeamRecord(team="", tally=SETTLED, due=1, soon=1),),
    oldest=None,
    due=1,
    soon=1,
    late=0,
)


def _complete(edition: Edition) -> Edition:
    """Return it with one of everything that it holds none of, whatever the model grows."""
    hints = _hints(Edition).items()
    empty = {name: _specimen(of) for name, of in hints if getattr(edition, name) == ()}
    return replace(edition, **empty, agenda=planned(edition))


def _items(kind: str, place: str, count: int, **more: Any) -> list[Item]:
    rows = []
    for n in range(count):
        # The source is ours, and keeps the order of the items whatever their subjects are.
        key = FactKey(f"{place}-{n:02d}", kind, f"{place}/{n}")
        row = {
            "key": key, "kind": kind, "handle": "", "title": "", "url": "", "owner": "",
            "severity": Severity(1 + n % 4), "state": ItemState.CARRIED, "trend": None,
            "since": WEEK, "weeks": 1 + n,
            "reasons": (Reason(rule="pull-request-labelled", words={"label": ""}),),
            "formerly": (FactKey("source", kind, f"{place}/{n}/once"),),
        }  # fmt: skip
        rows.append(Item(**(row | more)))
    return rows


def _heading(place: str) -> Heading:
    title = Sentence(pattern="heading.incident", words={"n": 6})
    return Heading(
        place=place,
        title=title,
        so_what=Sentence(pattern="so.oldest", words={"title": "", "weeks": 3}),
    )


LEAD = (
    Sentence(pattern="lead.opened", words={"opened": 1_790_000_000, "status": ""}),
    Sentence(pattern="lead.services.two", words={"service": "", "other": ""}),
    Sentence(pattern="lead.owner", words={"team": ""}),
    Sentence(pattern="lead.release", words={"release": ""}),
    Sentence(pattern="lead.oldest", words={"title": "", "weeks": 3}),
)


def _question(item: Item) -> Question:
    return Question(asks=Sentence(pattern="question.unowned", words={"title": ""}), key=item.key)


def _fold(head: Item) -> Fold:
    """Tell a fact that is on no list under an item."""
    named = Sentence(pattern="fold.branch", words={"name": ""})
    also = Sentence(pattern="fold.also", words={"name": ""})
    merged = Sentence(pattern="fold.merged.incident", words={"n": 1})
    part = Part(key=FACTS[-1].key, because=(named, also))
    return Fold(head=head.key, parts=(part,), said=(merged,))


@cache
def wide(sections: int = 3, gaps: int = 2, sources: int = 4, resting: int = 6) -> Shape:
    """Return one of everything, with as many rows a section as a slide has."""
    kinds = [KINDS[n % len(KINDS)] for n in range(sections)]
    listed = {f"s{n}": _items(kind, f"s{n}", 6) for n, kind in enumerate(kinds)}
    for rows in listed.values():
        rows[1] = replace(rows[1], reasons=(Reason(rule=STRANGE),))
        rows[2] = replace(rows[2], state=ItemState.UNKNOWN, why="rate_limited")
    left = _items("incident", "left", 11, state=ItemState.DROPPED, why="deleted")
    waived = _items("error", "rest", resting, state=ItemState.WAIVED, waiver=WAIVER)
    known = (State.KNOWN, State.PARTIAL, State.UNKNOWN, State.STALE)
    full = everything().edition
    return Shape(
        _complete(
            replace(
                full,
                ledger=Ledger(open_then=6 * sections + 11, dropped=11, open_now=6 * sections),
                items=(*(row for rows in listed.values() for row in rows), *left),
                waived=tuple(waived),
                sections=tuple(
                    Section(
                        name=place,
                        kind=kind,
                        state=known[n % 4],
                        keys=tuple(row.key for row in listed[place]),
                        left_out=0,
                    )
                    for n, (kind, place) in enumerate(zip(kinds, listed, strict=True))
                ),
                coverage=tuple(
                    coverage("", KINDS, known[n % 4], n, 9, "projects") for n in range(sources)
                ),
                gaps=tuple(
                    Gap(source="", reason=Cause.SERVER_ERROR, detail="", hint="")
                    for _ in range(gaps)
                ),
                figures=FIGURES,
                headline=Headline(
                    pattern="headline.grave-incident", words={"title": "", "days": 3}
                ),
                lead=LEAD,
                remarks=full.remarks[:1],
                headings=tuple(_heading(place) for place in ("gone", "stayed", "history", *KINDS)),
                history=HISTORY,
                questions=tuple(_question(row) for row in listed["s0"]),
                corrections=(Correction(key=listed["s0"][0].key, week=WEEK, state="fixed"),),
                folds=(_fold(listed["s0"][0]),),
                facts=(*FACTS, decision()),
            )
        )
    )


@cache
def front() -> Shape:
    """Return an edition with little on it but what there is once: title, headline, a gap."""
    full = wide(1, 1, 1).model
    kept = full.items[:1]
    return Shape(
        replace(
            full,
            ledger=Ledger(open_then=1, open_now=1),
            items=kept,
            waived=full.waived[:1],
            sections=(replace(full.sections[0], keys=(kept[0].key,)),),
            figures=(),
            questions=(_question(kept[0]),),
            corrections=(),
            agenda=None,
            facts=(),
        )
    )
