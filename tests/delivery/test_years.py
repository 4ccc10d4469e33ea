"""Weeks on end on a real archive: cron at any moment, and no week without its one answer.

`tests/pipeline/test_calendar.py` lives through ten years of the calendar alone; here the runs are
whole, and mail servers, power and clocks fail them as they go.
"""

from collections import Counter
from datetime import timedelta
from random import Random  # noqa: TID251  (seeded)

import pytest

from bulletin.model.delivery import Fate
from bulletin.model.week import Week
from bulletin.pipeline import calendar
from tests.delivery import plugs
from tests.delivery.newsroom import HOUR, Newsroom

LOFT = """
[[publish]]
kind = "pigeon"
loft = "loft"
live = ["ada", "bob"]
"""
BY_DAY, AT_NIGHT = 6, 60


def moments(rng, due):
    """Return when something starts a run in a week: not at all, once, or again and again."""
    hours = {0: [], 1: [0.5], 2: [-30, 23.9, 30], 3: [0, 1, 1, 2, 8, 20, 25], 4: [47], 5: [3, 2]}
    return [due.opens + timedelta(hours=h) for h in hours[rng.choice([0, 1, 1, 1, 2, 3, 4, 5])]]


def live(desk, zone, weeks):
    """Live through weeks; returns what came of each, and checks it against the far end."""
    rng = Random(f"{zone} {weeks}")  # noqa: S311  (seeded)
    first = Week(2026, 41)  # the clocks change twice in half a year, and 2026 has a week 53
    begun = calendar.of(desk.settings, first).opens - HOUR
    desk.run(begun)
    fates, now = Counter(), begun
    for n in range(weeks):
        due = calendar.of(desk.settings, first.shift(n))
        plugs.SCRIPT["bob"] = rng.choice(
            [[], [], [Fate.DEFERRED], [Fate.REFUSED], [Fate.UNCERTAIN], [KeyboardInterrupt()]]
        )
        for now in moments(rng, due):
            try:
                desk.run(now)
            except KeyboardInterrupt:
                fates["died"] += 1
        plugs.SCRIPT.clear()
    desk.run(calendar.of(desk.settings, first.shift(weeks)).opens - HOUR)
    return first, fates


@pytest.mark.parametrize(
    ("zone", "weeks"),
    [
        ("Europe/Paris", BY_DAY),
        *(
            pytest.param(zone, AT_NIGHT, marks=pytest.mark.nightly)
            for zone in ("Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kolkata")
        ),
    ],
)
def test_every_week_has_an_edition_or_is_skipped_and_nobody_gets_two(
    plugged, tmp_path, zone, weeks
):
    desk = Newsroom(tmp_path, LOFT, zone=zone, more='skip = ["2026-W44"]')

    first, _ = live(desk, zone, weeks)

    with desk.archive() as archive:
        printed = Counter(str(entry.week) for entry in archive.editions())
        deliveries = archive.outbox.deliveries()
    skipped = Counter(detail.split()[0] for detail in desk.log("skipped"))
    for n in range(weeks):
        week = str(first.shift(n))
        assert printed[week] + skipped[week] == 1, (week, printed, skipped)
    lines = plugs.arrived(desk.loft)
    reached = Counter((line["edition"], line["target"]) for line in lines)
    assert set(reached.values()) == {1}
    for one in deliveries:
        count = reached[one.edition, one.parcel.target]
        if one.state == "sent":
            assert count == 1
        else:
            assert one.state in {"refused", "uncertain", "cancelled"}
            assert count == 0
    assert len(deliveries) == 2 * len(printed)
    assert skipped["2026-W44"] == 1
    assert len(printed) > weeks / 3
