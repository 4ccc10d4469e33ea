"""People's words: what stands does not depend on the order in which they were filed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bulletin.archive.records import Event, read, written
from bulletin.model.facts import FactKey, Life
from bulletin.model.week import Week
from bulletin.model.word import (
    Origin,
    Said,
    Word,
    apart,
    decision_key,
    decisions,
    teams,
    waivers,
)

WAIVING = {Said.WAIVED, Said.WITHDRAWN}
CLOSING = {Said.DECIDED, Said.DONE, Said.GIVEN_UP}
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
WEEK = Week(2026, 47)
KEYS = st.sampled_from([FactKey("jira", "incident", "INC-1"), decision_key(WEEK, 1)])
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@st.composite
def said(draw):
    kind = draw(st.sampled_from(Said))
    decided = kind is Said.DECIDED
    return Word(
        said=kind,
        key=decision_key(WEEK, draw(st.integers(1, 2))) if decided else draw(KEYS),
        author=draw(TEXT),
        at=NOON + timedelta(hours=draw(st.integers(0, 5))),
        until=draw(st.dates(date(2026, 11, 20), date(2027, 1, 1))) if kind is Said.WAIVED else None,
        text=draw(TEXT),
        owner=draw(st.none() | TEXT) if decided else None,
        due=draw(st.none() | st.sampled_from([WEEK, Week(2026, 53)])) if decided else None,
        about=draw(st.none() | KEYS) if decided else None,
        origin=draw(st.none() | st.sampled_from(Origin)),
        handle=draw(TEXT),
    )


WAIVING = {Said.WAIVED, Said.WITHDRAWN}
WORDS = st.lists(said(), max_size=8)


@given(WORDS, st.randoms())
def test_the_order_in_which_words_are_read_changes_nothing(words, dice):
    shuffled = dice.sample(words, len(words))
    assert waivers(shuffled) == waivers(words)
    assert teams(shuffled) == teams(words)
    assert decisions(shuffled) == decisions(words)
    assert apart(shuffled) == apart(words)


@given(WORDS)
def test_the_last_word_on_a_key_stands(words):
    for key, waiver in waivers(words).items():
        mine = [w for w in words if w.key == key and w.said in WAIVING]
        assert waiver.at == max(w.at for w in mine)
    for key in {w.key for w in words} - waivers(words).keys():
        mine = [w for w in words if w.key == key and w.said in WAIVING]
        assert not mine or max(mine, key=lambda w: (w.at, w.said)).said is Said.WITHDRAWN


@given(WORDS)
def test_the_team_that_a_key_was_last_given_to_stands(words):
    for key in {w.key for w in words if w.said is Said.ASSIGNED}:
        mine = [w for w in words if w.key == key and w.said is Said.ASSIGNED]
        last = max(w.at for w in mine)
        assert teams(words)[key] in {w.text for w in mine if w.at == last}


@given(said())
def test_a_word_is_read_as_it_was_written(word):
    assert read(Event(at=word.at, what=str(word.said), detail=written(word))) == word


@given(WORDS)
def test_a_decision_stands_as_the_last_word_on_it_says(words):
    lives = {Said.DECIDED: Life.OPEN, Said.DONE: Life.DONE, Said.GIVEN_UP: Life.DECLINED}
    made = {decision.key: decision for decision in decisions(words)}
    assert made.keys() == {word.key for word in words if word.said is Said.DECIDED}
    for key, decision in made.items():
        latest = max(w.at for w in words if w.key == key and w.said in CLOSING)
        last = [w for w in words if w.key == key and w.said in CLOSING and w.at == latest]
        assert decision.life in {lives[word.said] for word in last}
        assert decision.closed == (None if decision.life is Life.OPEN else latest)
        assert decision.due >= WEEK


def test_a_decision_is_due_in_the_next_edition_and_links_to_its_own() -> None:
    word = Word(said=Said.DECIDED, key=decision_key(WEEK, 3), author="Ada", at=NOON, text="Mend it")
    (made,) = decisions([word], "https://journal.acme.example")
    assert (str(made.key), made.due) == ("meeting:decision:2026-W47-3", Week(2026, 48))
    assert made.url == "https://journal.acme.example/2026-W47/index.html"


@given(WORDS)
def test_what_was_unfolded_stays_so_until_somebody_takes_it_back(words):
    for key in {w.key for w in words}:
        mine = [w for w in words if w.key == key and w.said in {Said.UNFOLDED, Said.REFOLDED}]
        last = max(mine, key=lambda w: (w.at, w.said), default=None)
        assert (key in apart(words)) == (last is not None and last.said is Said.UNFOLDED)


def test_of_two_waivers_at_one_moment_the_longer_stands_whichever_was_filed_first():
    key = FactKey("jira", "incident", "INC-1")
    about = {"said": Said.WAIVED, "key": key, "author": "Ada", "at": NOON}
    short, long = (Word(until=date(2026, 11, day), **about) for day in (21, 28))
    assert waivers([short, long]) == waivers([long, short])
    assert waivers([long, short])[key].until == long.until


def test_a_decision_is_told_with_all_that_was_said_of_it():
    """As it was taken, where it can be read, and how it ended; given up is not done."""
    taken = Word(
        said=Said.DECIDED,
        key=decision_key(WEEK, 1),
        author="Ada",
        at=NOON,
        text="Compare captures with orders",
        owner="payments",
        due=WEEK.shift(3),
        about=FactKey("jira", "incident", "INC-1"),
    )
    bare = replace(taken, key=decision_key(WEEK, 2), owner=None, due=None, about=None)
    closed = replace(taken, said=Said.DONE, at=NOON + timedelta(days=1), text="runs since Monday")
    given_up = replace(bare, said=Said.GIVEN_UP, at=NOON + timedelta(days=2), text="nobody asked")

    one, two = decisions([bare, taken], "https://journal.acme.example")
    done, dropped = decisions([given_up, closed, bare, taken])

    assert (one.key, one.handle, one.title) == (taken.key, taken.key.subject, taken.text)
    assert one.url == f"https://journal.acme.example/{WEEK}/index.html"
    assert (one.owner, one.due, one.about) == ("payments", WEEK.shift(3), taken.about)
    assert (two.owner, two.due, two.about) == (None, WEEK.shift(1), None)
    assert [(d.life, d.decided, d.closed, d.outcome) for d in (one, done, dropped)] == [
        (Life.OPEN, NOON, None, ""),
        (Life.DONE, NOON, closed.at, "runs since Monday"),
        (Life.DECLINED, NOON, given_up.at, "nobody asked"),
    ]
    assert (done.url, done.title) == ("", taken.text)
