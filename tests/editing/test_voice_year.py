"""The voice over whole years: what a reader who reads every edition would notice.

`UPDATE_GOLDEN=1 pytest tests/editing/test_voice_year.py` rewrites tests/golden/voice, which is
there to be read aloud.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bulletin.editing.voice import ADS, BESIDE, FURNITURE, WEARS_OFF, Voice, remarks
from bulletin.model.edition import Edition, Filed, Ledger
from bulletin.model.facts import Severity
from bulletin.model.front import Countdown, Service, Sky
from bulletin.model.harvest import State
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import lead, words_for
from bulletin.rendering.escape import Plain
from tests.editing.year import LINES, MOODS, START, Year, moods

GOLDEN = Path(__file__).parents[1] / "golden" / "voice"
BUNDLE = Bundle.read()
SEEDS = (1, 2, 3)
TONES = ("dry", "merry")
each_year = pytest.mark.parametrize(("seed", "tone"), [(s, t) for s in SEEDS for t in TONES])


@cache
def editions(seed: int = 1, tone: str = "merry", weeks: int = 104) -> tuple[Edition, ...]:
    return tuple(one.edition for one in Year(seed=seed, tone=tone, weeks=weeks).editions)


def lines(edition: Edition) -> list[str]:
    head = [edition.headline.line] if edition.headline.line is not None else []
    return [*head, *(remark.line for remark in edition.remarks)]


def test_the_years_are_varied() -> None:
    """A control: years in which nothing happens would make the tests below say nothing."""
    told = Counter(mood for seed in SEEDS for one in editions(seed) for mood in moods(one))
    assert set(told) >= {*MOODS} - {"first-edition"}
    situations = {r.situation for seed in SEEDS for one in editions(seed) for r in one.remarks}
    assert situations >= {
        "small-ad", "old-item", "credits", "clear-section", "stale-pull-request",
        "big-pull-request", "red-pull-request", "conflicting-pull-request",
        "changes-idle-pull-request", "unreviewed-pull-request", "reopened-item",
    }  # fmt: skip
    patterns = {one.headline.pattern for seed in SEEDS for one in editions(seed)}
    assert patterns >= {"headline.fixed", "headline.list", "headline.grave-incident.new"}


@each_year
def test_no_line_comes_again_within_twelve_editions(seed: int, tone: str) -> None:
    told = [lines(one) for one in editions(seed, tone)]
    for n, here in enumerate(told):
        recent = {line for edition in told[max(0, n - WEARS_OFF) : n] for line in edition}
        assert not recent & set(here)
        assert len(set(here)) == len(here)


@each_year
def test_no_line_is_read_to_death_and_every_motto_gets_its_turn(seed: int, tone: str) -> None:
    """Thirteen weeks between two readings are four readings a year, and chance is fair."""
    used = Counter(line for one in editions(seed, tone) for line in lines(one))
    assert max(used.values()) <= 8
    for situation in FURNITURE:
        may = [x.id for x in LINES[situation] if x.tone == "dry" or tone == "merry"]
        assert min(used[id_] for id_ in may) >= 2


@each_year
def test_the_furniture_is_never_empty_and_a_grave_week_has_none(seed: int, tone: str) -> None:
    year = Year(seed=seed, tone=tone)
    for week, one in enumerate(editions(seed, tone)):
        said = Counter(remark.situation for remark in one.remarks)
        if year.is_grave(week):
            assert not lines(one)
            continue
        assert all(said[name] == 1 for name in FURNITURE)
        assert len(moods(one)) <= 1
        assert said["small-ad"] <= ADS
        assert all(n == 1 for name, n in said.items() if name != "small-ad")
        beside = [r for r in one.remarks if r.key is not None]
        assert len({r.key for r in beside}) == len(beside) <= BESIDE + ADS


@pytest.mark.parametrize("seed", SEEDS)
def test_with_the_tone_off_no_edition_says_a_word(seed: int) -> None:
    assert not [line for one in editions(seed, "off", 30) for line in lines(one)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_in_which_facts_come_changes_no_line(seed: int) -> None:
    turned = Year(seed=seed, tone="merry", weeks=60, backwards=True).editions
    assert [filed.edition.remarks for filed in turned] == [
        edition.remarks for edition in editions(seed)[:60]
    ]
    assert [filed.edition.headline for filed in turned] == [
        edition.headline for edition in editions(seed)[:60]
    ]


@each_year
def test_an_ad_and_a_remark_stand_only_beside_light_pull_requests(seed: int, tone: str) -> None:
    for one in editions(seed, tone):
        items = {item.key: item for item in one.items}
        for remark in one.remarks:
            if remark.key is None:
                continue
            item = items[remark.key]
            assert item.kind == "pull_request"
            assert item.severity < Severity.HIGH
            days = {r.words.get("days") for r in item.reasons}
            assert (remark.situation == "small-ad") == bool(remark.words)
            assert remark.words.get("days") in {None, *days}


@pytest.mark.parametrize("tone", TONES)
def test_a_season_s_countdown_and_weather_wear_off_like_the_rest(tone: str) -> None:
    told: list[list[str]] = []
    for n in range(52):
        worn = {line for edition in told[-WEARS_OFF:] for line in edition}
        voice = Voice(lines=LINES, tone=tone, week=START.shift(n), worn=worn)
        sky = (Sky.SUN, Sky.CLOUD, Sky.RAIN, Sky.FOG)[n * n % 4]
        said = remarks(
            voice,
            grave=False,
            ledger=Ledger(),
            items=(),
            states=[State.KNOWN],
            all_told=True,
            is_over=True,
            services=[Service(name="shop", sky=sky, incidents=0, errors=0)],
            countdown=Countdown(event="the sale", days=364 - 7 * n, freeze_days=350 - 7 * n),
        )
        names = Counter(remark.situation for remark in said)
        assert sum(n for name, n in names.items() if name.startswith("countdown-")) == 1
        assert sum(n for name, n in names.items() if name.startswith("weather-")) <= 1
        assert names["freeze"] == (350 - 7 * n <= 0)
        told.append([remark.line for remark in said])
        assert not worn & set(told[-1])


def aloud(filed: Filed, language: str) -> Iterator[str]:
    """An edition's headline, and its jokes, those with a place of their own first."""
    words = words_for(filed, BUNDLE, language, Plain)
    said = [(r.situation, words.line(r.line, **r.words)) for r in filed.edition.remarks]
    yield f"{filed.edition.week}  {lead(filed, words, 100)}"
    if said:
        yield "    " + " / ".join(text for name, text in said if name in {"motto", "price"})
    yield from (f"    {text}" for name, text in said if name in MOODS)
    rest = [(name, text) for name, text in said if name not in {"motto", "price", *MOODS}]
    yield from (f"      {name}: {text}" for name, text in rest)


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_year_is_the_one_that_a_person_read_aloud(language: str) -> None:
    told = ["\n".join(aloud(filed, language)) for filed in Year(tone="merry").editions]
    body = "\n\n".join(told) + "\n"
    path = GOLDEN / f"year-{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8", newline="\n")
    assert path.read_text("utf-8") == body, f"{path} differs; read it, then set UPDATE_GOLDEN=1"
