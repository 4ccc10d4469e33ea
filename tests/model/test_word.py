"""People's words: what stands does not depend on the order in which they were filed."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bulletin.archive.records import Event, read, written
from bulletin.model.facts import FactKey
from bulletin.model.word import Said, Word, teams, waivers

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
KEYS = st.sampled_from([FactKey("jira", "incident", name) for name in ("INC-1", "INC-2")])
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@st.composite
def said(draw):
    kind = draw(st.sampled_from(Said))
    return Word(
        said=kind,
        key=draw(KEYS),
        author=draw(TEXT),
        at=NOON + timedelta(hours=draw(st.integers(0, 5))),
        until=draw(st.dates(date(2026, 11, 20), date(2027, 1, 1))) if kind is Said.WAIVED else None,
        text=draw(TEXT),
        handle=draw(TEXT),
    )


WORDS = st.lists(said(), max_size=8)


@given(WORDS, st.randoms())
def test_the_order_in_which_words_are_read_changes_nothing(words, dice):
    shuffled = dice.sample(words, len(words))
    assert waivers(shuffled) == waivers(words)
    assert teams(shuffled) == teams(words)


@given(WORDS)
def test_the_last_word_on_a_key_stands(words):
    for key, waiver in waivers(words).items():
        mine = [w for w in words if w.key == key and w.said is not Said.ASSIGNED]
        assert waiver.at == max(w.at for w in mine)
    for key in {w.key for w in words} - waivers(words).keys():
        mine = [w for w in words if w.key == key and w.said is not Said.ASSIGNED]
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


def test_of_two_waivers_at_one_moment_the_longer_stands_whichever_was_filed_first():
    key = FactKey("jira", "incident", "INC-1")
    about = {"said": Said.WAIVED, "key": key, "author": "Ada", "at": NOON}
    short, long = (Word(until=date(2026, 11, day), **about) for day in (21, 28))
    assert waivers([short, long]) == waivers([long, short])
    assert waivers([long, short])[key].until == long.until
