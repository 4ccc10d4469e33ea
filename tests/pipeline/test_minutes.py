"""The notes of a meeting: what is read as a word, and what stays prose."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.errors import SettingsError
from bulletin.model.week import Week
from bulletin.pipeline.minutes import LINES, Line, read_minutes

WEEK = Week(2026, 47)
TEAMS = ("search", "Platform")


def lines(text: str) -> list[Line]:
    return list(read_minutes(text, WEEK, TEAMS))


def only(text: str) -> Line:
    (line,) = lines(text)
    return line


def test_each_list_item_is_a_word_and_everything_else_is_prose() -> None:
    read = lines(
        "# Thursday\n\nWe talked.\n\n- One thing\n* Another\n+ [ ] A third\n1. No item\n-no\n"
    )
    assert [(line.number, line.text) for line in read] == [
        (5, "One thing"), (6, "Another"), (7, "A third"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "owner", "due", "key"),
    [
        ("(search, W49, INC-42)", "search", Week(2026, 49), "INC-42"),
        ("(INC-42, search)", "search", None, "INC-42"),
        ("(platform)", "platform", None, ""),
        ("(2027-W02)", None, Week(2027, 2), ""),
        ("(W02)", None, Week(2027, 2), ""),
        ("(w48, jira:incident:INC-42).", None, Week(2026, 48), "jira:incident:INC-42"),
        ("(acme/shop#12)", None, None, "acme/shop#12"),
    ],
)
def test_what_brackets_hold_is_known_by_its_shape(written, owner, due, key) -> None:
    line = only(f"- Put a breaker in front of it {written}")
    assert line.text == "Put a breaker in front of it"
    assert (line.owner, line.due, line.key, line.verb) == (owner, due, key, "")


@pytest.mark.parametrize("inside", ["as agreed", "search, soon", "W60", "nobody", ""])
def test_brackets_that_hold_something_else_belong_to_the_sentence(inside: str) -> None:
    assert only(f"- Mend it ({inside})") == Line(number=1, text=f"Mend it ({inside})")


def test_commands_are_those_of_the_command_line() -> None:
    assert only("- waive INC-42 until 2026-12-10: after the sale") == Line(
        number=1, verb="waive", key="INC-42", until=date(2026, 12, 10), text="after the sale"
    )
    assert only("- Waive INC-42 2026-12-10 later").until == date(2026, 12, 10)
    assert only("- waive INC-42 until 2026-13-10: later").until is None
    assert only("- assign acme/shop#7 to search") == Line(
        number=1, verb="assign", key="acme/shop#7", text="search"
    )
    assert only("- done 2026-W47-1: deployed on Monday") == Line(
        number=1, verb="done", key="2026-W47-1", text="deployed on Monday"
    )
    assert only("- dropped 2026-W47-2 superseded").text == "superseded"
    assert only("- done 2026-W47-1").text == ""


@pytest.mark.parametrize(
    "text", ["Assign 3 people to search", "done with that", "dropped", "waive nothing today"]
)
def test_a_sentence_that_begins_like_a_command_names_no_key(text: str) -> None:
    assert only(f"- {text}") == Line(number=1, text=text)


def test_what_wikis_escape_and_people_embolden_is_read_as_it_was_meant() -> None:
    assert only(r"- assign acme/shop\#7 search").key == "acme/shop#7"
    assert only("- **Mend** it (search)") == Line(number=1, text="Mend it", owner="search")
    assert only("- *Mend it*").text == "Mend it"


def test_more_than_a_meeting_can_decide_is_refused_whole() -> None:
    assert len(lines("- x\n" * LINES)) == LINES
    with pytest.raises(SettingsError, match=f"hold {LINES + 1} list items"):
        lines("- x\n" * (LINES + 1))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    for line in lines(f"- {text}\n{text}"):
        assert line.text == line.text.strip()
