"""The notes of a meeting: what is read as a word, and what stays prose."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.errors import SettingsError
from bulletin.model.week import Week
from bulletin.pipeline.minutes import LINES, VERBS, Line, list_items, read_line

WEEK = Week(2026, 47)
TEAMS = ("search", "Platform")


def lines(text: str) -> list[Line]:
    return [read_line(number, said, WEEK, TEAMS) for number, said in list_items(text)]


def only(text: str) -> Line:
    (line,) = lines(text)
    return line


def test_each_list_item_is_a_word_and_everything_else_is_prose() -> None:
    read = lines(
        "# Thursday\n\nWe talked.\n\n- One thing\n* Another\n+ [ ] A third\n1. A fourth\n"
        "12) Fifth\n"
        "-no\n2026. was better\n> - quoted\n"
    )
    assert [(line.number, line.text) for line in read] == [
        (5, "One thing"), (6, "Another"), (7, "A third"), (8, "A fourth"), (9, "Fifth"),
    ]  # fmt: skip


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_blocks_of_code_are_prose(fence: str) -> None:
    other = "~~~" if fence == "```" else "```"
    text = f"- One\n{fence}sh\n- rm -rf /\n{other}\n- mv\n{fence}\n- Two\n{fence}\n- never closed\n"
    assert [(line.number, line.text) for line in lines(text)] == [(1, "One"), (7, "Two")]


@pytest.mark.parametrize("space", [" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"])
def test_a_colon_may_have_a_space_before_it_as_in_french(space: str) -> None:
    assert only(f"- done 2026-W40-3{space}: parti").text == "parti"
    assert only(f"- waive INC-42 until 2026-12-10{space}: après").text == "après"
    assert only(f"- assign INC-42{space}: search").text == "search"


@pytest.mark.parametrize("box", ["[x]", "[X]"])
def test_a_ticked_box_may_mean_either_and_is_a_mistake(box: str) -> None:
    with pytest.raises(SettingsError, match="decided or something done"):
        lines(f"- {box} Mend it")


@pytest.mark.parametrize(
    ("written", "owner", "due", "key"),
    [
        ("(search, W49, INC-42)", "search", Week(2026, 49), "INC-42"),
        ("(INC-42, search)", "search", None, "INC-42"),
        ("(platform)", "platform", None, ""),
        ("(2027-W02)", None, Week(2027, 2), ""),
        ("(W02)", None, Week(2027, 2), ""),
        ("(W20)", None, Week(2027, 20), ""),
        ("(2027-W40)", None, Week(2027, 40), ""),
        ("(w48, jira:incident:INC-42).", None, Week(2026, 48), "jira:incident:INC-42"),
        ("(acme/shop#12)", None, None, "acme/shop#12"),
    ],
)
def test_what_brackets_hold_is_known_by_its_shape(written, owner, due, key) -> None:
    line = only(f"- Put a breaker in front of it {written}")
    assert line.text == "Put a breaker in front of it"
    assert (line.owner, line.due, line.key, line.verb) == (owner, due, key, "")


@pytest.mark.parametrize("inside", ["as agreed", "see the chat, later", "nobody", ""])
def test_brackets_that_hold_something_else_belong_to_the_sentence(inside: str) -> None:
    assert only(f"- Mend it ({inside})") == Line(number=1, text=f"Mend it ({inside})")


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("search, soon", "'soon' in the brackets is no team, week or key"),
        ("serch, W49", "'serch' in the brackets is no team.*did you mean 'search'"),
        ("serch", "'serch' in the brackets is no team.*did you mean 'search'"),
        ("INC-42, see the chat", "'see the chat' in the brackets is no team"),
        ("search, platform", "more than one team, week or item"),
        ("W48, W49", "more than one team, week or item"),
        ("INC-42, INC-43", "more than one team, week or item"),
        ("W60", "no week W60 is to come within 26 weeks of 2026-W47"),
        ("W40", "no week W40 is to come within 26 weeks of 2026-W47"),
        ("W47", "no week W47 is to come within 26 weeks of 2026-W47"),
        ("2026-W54", "no week 2026-W54 is to come"),
    ],
)
def test_brackets_that_are_partly_understood_are_a_mistake(inside: str, told: str) -> None:
    """A decision without its team or its week, since one letter was wrong, is lost to everybody."""
    with pytest.raises(SettingsError, match=told):
        lines(f"- Mend it ({inside})")


@pytest.mark.parametrize(
    "verb", ["close", "Closed", "waived", "wave", "asign", "assigned", "drop", "withdraw", "donne"]
)
def test_what_nearly_is_a_word_for_an_item_is_no_decision(verb: str) -> None:
    with pytest.raises(SettingsError, match=f"'{verb}' is no word for an item"):
        lines(f"- {verb} INC-42: after the sale")


@pytest.mark.parametrize("said", ["Mend INC-42 by Monday", "Escalate INC-42", "Close the gap"])
def test_a_decision_may_begin_with_what_is_done_to_an_item(said: str) -> None:
    assert not said.lower().startswith(VERBS)
    assert only(f"- {said}") == Line(number=1, text=said)


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
    for number, said in list_items(f"- {text}\n{text}"):
        try:
            line = read_line(number, said, WEEK, TEAMS)
        except SettingsError:
            continue
        assert line.text == line.text.strip()
