"""The MediaWiki channel against Debian's MediaWiki: what is written, what is kept, what is not."""

import re
import socket
import time

import pytest

from bulletin.config import Secret
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Mode
from bulletin.notes import BEGIN, END, notes_of
from bulletin.publishing import mediawiki_api
from bulletin.publishing.mediawiki import MediawikiPublisher
from tests.e2e.losing import Losing
from tests.e2e.wiki_issues import DECK, printed
from tests.e2e.wikis import BOT, PASSWORD, SIGN_IN
from tests.publishing.issues import bring, deliveries, never

pytestmark = pytest.mark.e2e
NOTES = "\n* [[Rollback]] on Monday — Anna ~~ {{x}}\n\n  and a blank before  \n"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("WIKI_PASSWORD", PASSWORD)
    monkeypatch.setenv("WIKI_WRONG", "not-the-password-of-the-bot")


def channel(url, **more):
    given = {"site": url, "path": "/", "user": SIGN_IN, "password": {"env": "WIKI_PASSWORD"}}
    return MediawikiPublisher(
        MediawikiPublisher.Settings.model_validate(given | more), "mediawiki", "A Title"
    )


def brought(wiki, title, url=None, settings=None, **fields):
    """Bring an edition to the wiki; the receipt."""
    return bring(
        channel(url or wiki.url, **(settings or {})), printed("mediawiki", title, **fields)
    )


def page(title):
    return f"{title}/2026-W47"


def annotated(text):
    before, _, after = text.partition(f"{BEGIN}")
    return f"{before}{BEGIN}{NOTES}{END}{after.partition(END)[2]}"


def test_a_page_is_made_once_and_left_alone_after_that(mediawiki):
    first = brought(mediawiki, "Once")
    again = brought(mediawiki, "Once")
    assert (first.fate, again.fate) == (Fate.DELIVERED, Fate.ALREADY_THERE)
    (revision,) = mediawiki.revisions(page("Once"))
    assert revision["user"] == BOT
    assert revision["comment"].startswith("2026-W47 · 1 · live · ")
    assert first.reference == f"{mediawiki.url}/index.php?title=Once/2026-W47"


def test_a_correction_takes_the_place_of_the_page_and_keeps_the_notes(mediawiki):
    brought(mediawiki, "Notes")
    assert "Corrected" not in mediawiki.text(page("Notes"))
    mediawiki.save(page("Notes"), annotated(mediawiki.text(page("Notes"))))
    written = notes_of(mediawiki.text(page("Notes")))
    assert "Rollback" in written
    assert brought(mediawiki, "Notes", revision=2).fate is Fate.DELIVERED
    assert notes_of(mediawiki.text(page("Notes"))) == written
    assert "Corrected" in mediawiki.text(page("Notes"))
    assert len(mediawiki.revisions(page("Notes"))) == 3


@pytest.mark.nightly
def test_an_older_edition_does_not_come_over_a_newer(mediawiki):
    brought(mediawiki, "Newer", revision=2)
    with pytest.raises(BulletinError, match="holds a newer edition, revision 2"):
        brought(mediawiki, "Newer", revision=1)
    assert len(mediawiki.revisions(page("Newer"))) == 1


def test_a_page_that_a_person_wrote_is_refused(mediawiki):
    mediawiki.save(page("Theirs"), "Minutes of the meeting")
    with pytest.raises(BulletinError, match="did not write"):
        brought(mediawiki, "Theirs")
    assert mediawiki.text(page("Theirs")) == "Minutes of the meeting"


@pytest.mark.nightly
def test_a_page_whose_markers_somebody_took_away_is_left_alone(mediawiki):
    brought(mediawiki, "Bare")
    mediawiki.save(page("Bare"), mediawiki.text(page("Bare")).replace(END, ""))
    with pytest.raises(BulletinError, match="markers around the notes"):
        brought(mediawiki, "Bare", revision=2)


class Between:
    """Does something right after the first reading, before anything is written."""

    def __init__(self, monkeypatch, act, times=1):
        self.fired = 0
        read = mediawiki_api.Wiki.read

        def reading(wiki, title, revision=0):
            standing = read(wiki, title, revision)
            if not revision and self.fired < times:
                self.fired += 1
                act(self.fired)
            return standing

        monkeypatch.setattr(mediawiki_api.Wiki, "read", reading)


@pytest.mark.parametrize("author", ["a person", "the bot"])
def test_who_writes_notes_between_our_reading_and_writing_loses_none(
    mediawiki, monkeypatch, author
):
    title = f"Race of {author}"
    brought(mediawiki, title)
    as_bot = {} if author == "a person" else {"name": SIGN_IN, "password": PASSWORD}
    text = annotated(mediawiki.text(page(title)))
    assert "Corrected" not in text
    race = Between(monkeypatch, lambda _: mediawiki.save(page(title), text, **as_bot))
    assert brought(mediawiki, title, revision=2).fate is Fate.DELIVERED
    standing = mediawiki.text(page(title))
    assert race.fired == 1
    assert "Rollback" in notes_of(standing)
    assert "Corrected" in standing


def test_a_page_that_a_person_makes_between_is_refused(mediawiki, monkeypatch):
    race = Between(monkeypatch, lambda _: mediawiki.save(page("Sudden"), "Mine"))
    with pytest.raises(BulletinError, match="did not write"):
        brought(mediawiki, "Sudden")
    assert race.fired == 1
    assert mediawiki.text(page("Sudden")) == "Mine"


@pytest.mark.nightly
def test_who_wins_every_race_is_left_alone_for_now(mediawiki, monkeypatch):
    brought(mediawiki, "Busy")
    text = mediawiki.text(page("Busy"))

    def scribble(n):
        time.sleep(1.1)  # within one second the wiki takes it for an edit of ours
        mediawiki.save(page("Busy"), text.replace("No. 47", f"No. {n}"))

    race = Between(monkeypatch, scribble, times=9)
    receipt = brought(mediawiki, "Busy", revision=2)
    assert (receipt.fate, race.fired) == (Fate.DEFERRED, 4)
    assert "somebody else keeps writing" in receipt.detail


@pytest.mark.nightly
def test_without_comparing_the_notes_of_a_race_would_be_lost(mediawiki, monkeypatch):
    """A control: the wiki itself lets a user run over its own edit."""
    brought(mediawiki, "Control")
    text = annotated(mediawiki.text(page("Control")))
    Between(
        monkeypatch,
        lambda _: mediawiki.save(page("Control"), text, name=SIGN_IN, password=PASSWORD),
    )
    monkeypatch.setattr(mediawiki_api, "replace", lambda *_, **__: None)
    brought(mediawiki, "Control", revision=2)
    assert "Rollback" not in mediawiki.text(page("Control"))


def test_a_lost_answer_is_looked_up(mediawiki):
    with Losing(mediawiki.port, b"action=edit").serving() as proxy:
        receipt = brought(mediawiki, "Lost", url=proxy.url)
    assert proxy.fired == 1
    assert receipt.fate is Fate.ALREADY_THERE
    assert len(mediawiki.revisions(page("Lost"))) == 1


@pytest.mark.parametrize("status", [500, pytest.param(503, marks=pytest.mark.nightly)])
def test_a_wiki_that_fails_before_writing_is_asked_again(mediawiki, status):
    with Losing(mediawiki.port, b"action=edit", status=status).serving() as proxy:
        receipt = brought(mediawiki, f"Failing {status}", url=proxy.url)
    assert (proxy.fired, receipt.fate) == (1, Fate.DELIVERED)
    assert len(mediawiki.revisions(page(f"Failing {status}"))) == 1


@pytest.mark.nightly
def test_a_wiki_that_goes_on_failing_is_tried_later(mediawiki):
    with Losing(mediawiki.port, b"action=edit", status=503, times=99).serving() as proxy:
        assert brought(mediawiki, "Down", url=proxy.url).fate is Fate.DEFERRED
    assert mediawiki.revisions(page("Down")) == []


def test_a_wiki_that_is_not_there_is_tried_later():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert brought(None, "Nowhere", url=url).fate is Fate.DEFERRED


@pytest.mark.nightly
@pytest.mark.parametrize("status", [403, 404, 413])
def test_a_refusal_below_the_api_is_told(mediawiki, status):
    losing = Losing(mediawiki.port, b"action=edit", status=status)
    with losing.serving() as proxy, pytest.raises(BulletinError) as raised:
        brought(mediawiki, f"Status {status}", url=proxy.url)
    assert proxy.fired == 1
    assert str(status) in raised.value.problem


@pytest.mark.parametrize(
    ("state", "fate", "said"),
    [
        ("readonly", Fate.DEFERRED, "the wiki is read-only for now"),
        ("spam", Fate.REFUSED, "a spam filter of the wiki refuses the page"),
    ],
)
def test_what_the_wiki_refuses_is_told_in_two_lines(mediawiki, state, fate, said):
    title = f"State {state}"
    with mediawiki.being(state):
        try:
            receipt = brought(mediawiki, title)
            told = (receipt.fate, receipt.detail)
        except BulletinError as error:
            told = (Fate.REFUSED, error.problem)
    assert told[0] is fate
    assert told[1].startswith(said)
    assert mediawiki.revisions(page(title)) == []


@pytest.mark.nightly
def test_a_page_that_is_protected_is_refused(mediawiki):
    brought(mediawiki, "Protected")
    person = mediawiki.person()
    person.post(
        "protect", title=page("Protected"), protections="edit=sysop", token=person.get_token("csrf")
    )
    with pytest.raises(BulletinError, match="the page is protected"):
        brought(mediawiki, "Protected", revision=2)


def test_databases_that_lag_are_left_in_peace(mediawiki, monkeypatch):
    monkeypatch.setattr(mediawiki_api, "MAXLAG", -2)
    assert brought(mediawiki, "Lagging").fate is Fate.DEFERRED
    assert mediawiki.revisions(page("Lagging")) == []


def test_a_wrong_password_is_told_and_nowhere_printed(mediawiki, caplog):
    wrong = {"password": {"env": "WIKI_WRONG"}}
    with pytest.raises(BulletinError) as raised:
        brought(mediawiki, "Wrong", settings=wrong)
    assert f"does not let {SIGN_IN} in" in raised.value.problem
    assert "not-the-password" not in str(raised.value) + caplog.text
    with pytest.raises(BulletinError, match="does not let"):
        channel(mediawiki.url, **wrong).check()


def test_what_is_no_wiki_is_told(mediawiki):
    with pytest.raises(BulletinError):
        channel(mediawiki.url, path="/nowhere/").check()


def test_the_deck_is_uploaded_once_and_linked_to(mediawiki):
    attach = {"attach": ["deck.pdf"]}
    brought(mediawiki, "Decked", settings=attach)
    assert brought(mediawiki, "Decked", settings=attach).fate is Fate.ALREADY_THERE
    assert "[[Media:Decked-2026-W47-deck.pdf|deck.pdf]]" in mediawiki.text(page("Decked"))
    words = {"titles": "File:Decked-2026-W47-deck.pdf", "prop": "imageinfo", "iilimit": 9}
    (file,) = mediawiki.ask(action="query", iiprop="url|size", **words)["query"]["pages"]
    assert [one["size"] for one in file["imageinfo"]] == [len(DECK) + 1]
    brought(mediawiki, "Decked", settings=attach, revision=2)
    (file,) = mediawiki.ask(action="query", iiprop="sha1", **words)["query"]["pages"]
    assert len({one["sha1"] for one in file["imageinfo"]}) == 2


def test_where_uploads_are_off_nothing_is_brought(mediawiki):
    with (
        mediawiki.being("no-uploads"),
        pytest.raises(BulletinError, match=r"takes no uploads|may not write"),
    ):
        brought(mediawiki, "No uploads", settings={"attach": ["deck.pdf"]})
    assert mediawiki.revisions(page("No uploads")) == []


def test_a_rehearsal_goes_to_its_own_page_or_nowhere(mediawiki):
    rehearsal = printed("mediawiki", "Stage", mode=Mode.REHEARSAL)
    assert deliveries(channel(mediawiki.url), rehearsal) == []
    apart = channel(mediawiki.url, rehearsal="Project:Rehearsal ")
    assert bring(apart, rehearsal).target.endswith("?title=Project%3ARehearsal%20Stage/2026-W47")
    assert "REHEARSAL · a trial" in mediawiki.text("Project:Rehearsal Stage/2026-W47")
    assert mediawiki.revisions(page("Stage")) == []
    assert apart.pack(printed("mediawiki", "Stage", mode=Mode.PREVIEW)) == ()


def test_a_target_of_another_mode_is_refused(mediawiki):
    apart = channel(mediawiki.url, rehearsal="Project:Rehearsal ")
    (live,) = deliveries(apart, printed("mediawiki", "Crossed"))
    rehearsal = printed("mediawiki", "Crossed", mode=Mode.REHEARSAL)
    with pytest.raises(BulletinError, match="is no page of the live editions"):
        apart.deliver(live, rehearsal, never)
    assert mediawiki.revisions(page("Crossed")) == []


def test_check_says_what_was_found_and_changes_nothing(mediawiki):
    said = channel(mediawiki.url, attach=["deck.pdf"]).check()
    assert "MediaWiki 1.39" in said
    assert f"where {BOT} may write" in said


def test_every_mark_of_ours_is_read_by_the_wiki(mediawiki):
    brought(mediawiki, "Looked at")
    text = mediawiki.text(page("Looked at"))
    html = mediawiki.render(text)
    assert html.count("<table") == text.count('{| class="wikitable"') > 5
    assert html.count("<h2>") == text.count("\n== ")
    assert not re.search(r"\{\||\[http|''|==", re.sub(r"<[^>]+>", "", html))


def test_the_secret_is_read_when_it_is_needed():
    settings = MediawikiPublisher.Settings(
        site="https://wiki.example", user="x", password=Secret(env="NEVER_SET"), page="{week}"
    )
    publisher = MediawikiPublisher(settings, "mediawiki", "A Title")
    assert publisher.pack(printed("mediawiki"))[0].title == "2026-W47"
