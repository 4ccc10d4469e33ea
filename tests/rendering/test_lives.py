"""What becomes of one item over the editions, under all of its names."""

from dataclasses import replace

from bulletin.model.edition import ItemState
from bulletin.rendering.lives import Register, Stand, anchor, passed
from tests.menagerie import WEEK, everything, item, key

OLD, NEW = key("incident", "OLD-1"), key("incident", "NEW-1")


def edition(back, *items, waived=()):
    return replace(everything().edition, week=WEEK.shift(-back), items=items, waived=waived)


def life_of(*editions):
    register = Register()
    for one in editions:
        register.add(one)
    (life,) = register.ranked()
    return life


def test_an_item_is_followed_under_its_new_name():
    renamed = item("incident", "NEW-1", "Told anew", weeks=3, formerly=(OLD,))
    before = item("incident", "OLD-1", "As it was", weeks=2)
    life = life_of(edition(0, renamed), edition(1, before), edition(2, replace(before, weeks=1)))
    assert (life.item.title, life.formerly) == ("Told anew", {OLD})
    assert [stand.weeks for stand in life.stands.values()] == [3, 2, 1]
    assert life.since == WEEK.shift(-2)


def test_a_name_that_was_taken_over_twice_is_one_life():
    third = key("incident", "NEW-2")
    newest = item("incident", "NEW-2", "x", weeks=3, formerly=(NEW,))
    middle = item("incident", "NEW-1", "x", weeks=2, formerly=(OLD,))
    oldest = item("incident", "OLD-1", "x")
    life = life_of(edition(0, newest), edition(1, middle), edition(2, oldest))
    assert (life.item.key, life.formerly) == (third, {OLD, NEW})


def test_weeks_in_which_it_was_away_are_passed_and_not_stood():
    fixed = item("incident", "OLD-1", "x", ItemState.FIXED)
    back = item("incident", "OLD-1", "x", ItemState.REOPENED, weeks=2)
    life = life_of(edition(0, back), edition(1), edition(3, fixed))
    assert [week.number for week in passed(life)] == [44, 45, 46, 47]
    assert life.stands == {WEEK: Stand(ItemState.REOPENED, 2),
                           WEEK.shift(-3): Stand(ItemState.FIXED, 1)}  # fmt: skip


def test_what_is_put_to_rest_this_week_stands_once():
    resting = item("incident", "OLD-1", "x", ItemState.WAIVED)
    assert life_of(edition(0, resting, waived=(resting,))).stands == {
        WEEK: Stand(ItemState.WAIVED, 1)
    }


def test_the_last_edition_comes_first_and_its_oldest_items_before_all():
    young, old = item("incident", "Y", "x"), item("incident", "O", "x", weeks=6)
    gone = item("incident", "G", "x", ItemState.FIXED, weeks=9)
    before = item("incident", "B", "x", weeks=20)
    register = Register()
    register.add(edition(0, young, gone, old))
    register.add(edition(1, before))
    assert [life.item.key.subject for life in register.ranked()] == ["O", "Y", "G", "B"]


def test_an_anchor_is_plain_and_stays():
    assert anchor(key("incident", 'x" onclick="')).isalnum()
    assert anchor(key("incident", "INC-42")) == "i05accf38c02b"
