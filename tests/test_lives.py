"""Every item's life, as `ledger --explain` tells it, replays to what the editions hold."""

import re
from dataclasses import replace

import pytest

from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.explaining import explain
from bulletin.model.edition import Edition, Item
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.escape import Plain
from bulletin.rendering.words import Words, read_catalogue
from tests.builders import ZONE
from tests.editing.company import Company, Printed
from tests.editing.oracle import Subject, subject

BUNDLE = Bundle.read()
ENGLISH = Words(read_catalogue(BUNDLE, "en"), Plain, ZONE)
WEEK = re.compile(r"(\d{4}-W\d{2})  (.+?)(?:, (?:worse|better|no change))?(?:  \(.*\))?")
LAST = re.compile(r"(\d{4}-W\d{2}): (on|off) the list; (\d+) weeks? in all, first in (\S+)")
SAID = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}Z  (?:Ada|Bo): (waive|assigned)")


def file(company: Company, archive: Archive) -> list[Printed]:
    """File what the company says and prints; return it, newest first."""
    printed: list[Printed] = []
    for week in company.printed():
        for word in week.words[len(printed[0].words) if printed else 0 :]:
            archive.say(word)
        made = codec.file(replace(week.edition, bundle=BUNDLE.digest))
        archive.file(made, BUNDLE.digest, BUNDLE.dumps(), week.edition.as_of)
        printed.insert(0, week)
    return printed


def held(edition: Edition) -> dict[Subject, Item]:
    return {subject(item): item for item in (*edition.waived, *edition.items)}


def meant(edition: Edition) -> dict[str, set[Subject]]:
    """Return whom each name means: who has it, the list before what left, or else who had it."""
    names: dict[str, set[Subject]] = {}
    items = sorted(held(edition).items(), key=lambda pair: pair[1].state.on_list)
    for one, item in items:
        for name in item.formerly:
            names.setdefault(str(name), set()).add(one)
    return names | {str(item.key): {one} for one, item in items}


def life(one: Subject, printed: list[Printed]) -> list[tuple[Edition, Item]]:
    """Return the editions that hold a subject, newest first, and what has become part of it."""
    found: list[tuple[Edition, Item]] = []
    moved = {}
    for week in printed:
        items = held(week.edition)
        item = items.get(one)
        if item is None and found:
            joined = (i for i in items.values() if moved.get(i.key) == found[-1][1].key)
            item = next((i for i in joined if i.key in found[-1][1].formerly), None)
        if item is not None:
            one = subject(item)
            found.append((week.edition, item))
        moved = {told.old: told.new for brought in week.harvests for told in brought.moved}
    return found


def state(item: Item) -> str:
    own = f"state.{item.state}.{item.kind}"
    return str(ENGLISH(own if ENGLISH.knows(own) else f"state.{item.state}"))


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.nightly) for n in (6, 7, 8))]
)
def test_a_life_that_is_told_replays_to_the_same_states_weeks_and_first_week(tmp_path, seed):
    settings = Bulletin.model_validate({"archive": f"sqlite:///{tmp_path}/journal.db"})
    with Archive.open(settings.archive, create=True) as archive:
        printed = file(Company(seed, subjects=4, weeks=30), archive)
    known: dict[str, tuple[int, set[Subject]]] = {}
    for ago, week in reversed(list(enumerate(printed))):
        known |= {name: (ago, ones) for name, ones in meant(week.edition).items()}
    assert len(known) > 8
    for name, (ago, ones) in known.items():
        if len(ones) > 1:
            with pytest.raises(BulletinError, match="names several items"):
                list(explain(settings, name))
            continue
        (one,) = ones
        lines = list(explain(settings, name))
        editions = life(one, printed[ago:])
        told = [WEEK.fullmatch(line) for line in lines[:-1]]
        states = {match[1]: match[2] for match in told if match}
        expected = {str(edition.week): state(item) for edition, item in editions}
        assert {k: v for k, v in states.items() if v != "not on the list"} == expected
        last, final = editions[0][1], LAST.fullmatch(lines[-1])
        assert final is not None
        assert final[2] == ("on" if last.state.on_list else "off")
        assert (int(final[3]), final[4]) == (last.weeks, str(last.since))
        keys = {key for _, item in editions for key in (item.key, *item.formerly)}
        about = [word for word in printed[0].words if word.key in keys]
        handles = {item.handle for _, item in editions} | {""}
        about = [word for word in about if word.handle in handles]
        assert sum(1 for line in lines if SAID.match(line)) == len(about)
