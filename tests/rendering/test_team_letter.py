"""A team's letter: its share of the edition, whole and no more, in numbers that add up."""

import re
from collections import Counter
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.archive.codec import file
from bulletin.model.delivery import letter_name
from bulletin.model.edition import ItemState
from bulletin.publishing.files import PLAIN
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import LIMIT, EmailRenderer
from bulletin.rendering.email.team import TeamEmailRenderer, subject
from bulletin.rendering.page import Page
from bulletin.rendering.share import Share
from tests.menagerie import EDITIONS, HOSTILE, everything, folded

BUNDLE = Bundle.read()


def letter(filed, team, language="en"):
    """The subject, the text and the HTML of a team's letter, as a mail program reads them."""
    (artifact,) = TeamEmailRenderer(team).render(filed, BUNDLE, language)
    message = message_from_bytes(artifact.body, policy=policy.SMTP)
    text, html = (
        part.get_content().replace("\r\n", "\n")
        for part in message.walk()
        if part.get_content_maintype() == "text"
    )
    return message, text, html


def flat(text):
    return " ".join(text.split())


def changed(filed, *, where, **to):
    """The edition with some of its items changed."""
    items = tuple(replace(i, **to) if where(i) else i for i in filed.edition.items)
    return file(replace(filed.edition, items=items))


@pytest.mark.parametrize("name", ["everything", "quiet", "first", "folded"])
def test_the_shares_of_all_add_up_to_the_whole(name):
    page = Page(EDITIONS[name]())
    owners = {item.owner for item in (*page.edition.items, *page.edition.waived)}
    shares = [Share(page, owner) for owner in owners]

    fates = Counter()
    for share in shares:
        fates.update(dict(share.fates))
    assert fates == Counter(dict(page.fates))
    assert sum(share.pointed for share in shares) == page.edition.ledger.open_then
    assert sum(len(share.listed) for share in shares) == page.edition.ledger.open_now
    assert sum(len(share.gone) for share in shares) == len(page.gone)
    assert sum(len(share.waived) for share in shares) == len(page.waived)
    asked = {question.key for question in page.edition.questions}
    listed = {item.key for item in page.edition.items if item.state.on_list}
    assert {q.key for share in shares for q in share.questions} == asked & listed


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_letter_tells_each_item_of_the_team_and_no_other(language):
    filed = everything()
    _, text, html = letter(filed, "search", language)
    share = Share(Page(filed), "search")
    theirs = [i for i in filed.edition.items if i.owner != "search" and i.state.on_list]
    assert share.listed
    assert theirs

    for item in (*share.listed, *share.gone, *share.waived):
        assert str(item.key) in flat(text), item.key
        assert item.key.subject in flat(re.sub(r"<[^>]+>", "", html)), item.key
    for item in theirs:
        assert str(item.key) not in flat(text), item.key


def test_what_a_section_has_no_room_for_is_in_the_letter():
    filed = everything()
    crowded = tuple(
        replace(section, keys=section.keys[:1], left_out=len(section.keys[1:]))
        for section in filed.edition.sections
    )
    filed = file(replace(filed.edition, sections=crowded))
    _, text, _ = letter(filed, "search")
    listed = Share(Page(filed), "search").listed
    assert len(listed) > len(crowded)
    assert all(str(item.key) in flat(text) for item in listed)


def test_what_is_told_under_the_teams_own_is_told_there_and_else_in_its_own_right():
    filed = folded()
    (fold,) = filed.edition.folds
    parts = {part.key for part in fold.parts}

    def told(filed):
        share = Share(Page(filed), "search")
        return {item.key for section in filed.edition.sections for item in share.items(section)}

    assert fold.head in told(changed(filed, where=lambda i: i.key == fold.head, owner="search"))
    own = changed(filed, where=lambda i: i.key == fold.head, owner="search")
    other = changed(filed, where=lambda i: i.key == fold.head, owner="platform")
    mine = {item.key for item in Share(Page(filed), "search").listed}
    assert parts & mine
    assert not told(own) & parts
    assert told(other) & parts == parts & mine


@pytest.mark.parametrize(
    ("name", "says"),
    [("quiet", "Nothing on the list is yours"), ("first", "Nothing that we could see is yours")],
)
def test_nothing_is_said_to_be_nothing_only_where_everything_was_seen(name, says):
    message, text, html = letter(EDITIONS[name](), "nobody-knows-them")
    assert says in text
    assert says in html
    assert ("not everything known" in message["Subject"]) == (name == "first")
    assert ("Not everything could be read and judged." in flat(text)) == (name == "first")


def test_what_could_not_be_judged_is_everybodys_and_may_be_the_teams():
    """A number of the whole is called that, and nothing is nothing only where all was judged."""
    calm = EDITIONS["quiet"]().edition
    blind = tuple(replace(section, blind=7) for section in calm.sections)
    message, text, html = letter(file(replace(calm, sections=blind)), "search")
    assert "Nothing that we could see is yours" in text
    assert "7 of everybody’s could not be judged in full." in flat(text)
    assert "7 of everybody’s could not be judged in full." in html
    assert "not everything known" in message["Subject"]


def test_it_is_of_the_same_edition_and_a_draft_of_its_own():
    filed = everything()
    message, text, html = letter(filed, "search")
    whole = message_from_bytes(EmailRenderer().render(filed, BUNDLE, "en")[2].body)
    assert text.rstrip().endswith(filed.digest)
    assert filed.digest in html
    assert message["Message-ID"] != whole["Message-ID"]
    assert message["Date"] == whole["Date"]
    again = TeamEmailRenderer("search").render(filed, BUNDLE, "en")
    assert again == TeamEmailRenderer("search").render(filed, BUNDLE, "en")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_subject_has_the_teams_numbers(language):
    filed = everything()
    share = Share(Page(filed), "search")
    said = subject(filed, BUNDLE, language, "search")
    assert "search" in said
    assert re.findall(r"\d+ (?:open|ouvert)", said)[0].startswith(f"{len(share.listed)} ")
    assert re.findall(r"\d+ (?:fixed|corrigé)", said)[0].startswith(f"{share.fixed} ")


@pytest.mark.parametrize("team", HOSTILE)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_teams_name_is_text_and_nothing_else(team, language):
    filed = changed(everything(), where=lambda i: i.owner == "search", owner=team)
    message, text, html = letter(filed, team, language)
    assert message.keys() == letter(filed, "search", language)[0].keys()
    assert not re.search(r"=\?|[<>@*`\n\r]", message["Subject"])
    assert "<script" not in html
    assert "\x1b" not in text
    assert len(html.encode()) <= LIMIT


def test_a_team_with_more_than_fits_is_told_how_many_more():
    filed = everything()
    some = next(i for i in filed.edition.items if i.owner == "search" and i.state.on_list)
    many = [
        replace(some, key=replace(some.key, subject=f"MANY-{n}"), title="x" * 90)
        for n in range(300)
    ]
    items = (*filed.edition.items, *many)
    ledger = filed.edition.ledger
    grown = replace(ledger, new=ledger.new + 300, open_now=ledger.open_now + 300)
    crowd = file(replace(filed.edition, items=items, ledger=grown))
    message, text, html = letter(crowd, "search")
    section = next(s for s in crowd.edition.sections if s.kind == some.kind)
    all_told = Share(Page(crowd), "search").items(section)
    shown = [item for item in all_told if f">{item.key.subject}<" in html]
    assert 0 < len(shown) < len(all_told)
    assert int(re.findall(r"and (\d+) more", html)[0]) == len(all_told) - len(shown)
    assert len(html.encode()) <= LIMIT
    assert len(set(re.findall(r"MANY-\d+", text))) == 300
    listed = len(Share(Page(filed), "search").listed) + 300
    assert message["Subject"].startswith(f"Corrected: search: {listed} open")


def test_a_share_speaks_of_last_weeks_list_alone():
    """What is new was not on it, and what came back from a rest is no stay."""
    filed = everything()
    share = Share(Page(filed), "search")
    new = {ItemState.NEW, ItemState.FIRST_SEEN, ItemState.REOPENED}
    held = [
        i
        for i in filed.edition.items
        if i.owner == "search" and i.state not in new and not i.unwaived
    ]
    assert share.pointed == len(held)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=2, max_size=6, unique=True))
def test_no_two_teams_share_a_file(teams):
    names = [letter_name(team) for team in teams]
    assert len(set(names)) == len(teams)
    assert all(PLAIN.fullmatch(name) for name in names)


def test_what_no_known_team_has_is_counted_in_every_letter():
    """Nobody would miss it else: it is in no letter."""
    filed = everything()
    owners = [item.owner for item in filed.edition.items if item.state.on_list]
    known = file(replace(filed.edition, teams=("search",)))
    strange = sum(1 for owner in owners if owner != "search")
    assert strange > owners.count(None) > 0
    assert f"{strange} items on that list have no team that we know" in flat(
        letter(known, "search")[1]
    )
    every = tuple({owner for owner in owners if owner})
    told = flat(letter(file(replace(filed.edition, teams=every)), "search")[1])
    assert f"{owners.count(None)} item on that list has no team that we know" in told
