"""The DokuWiki channel against Debian's DokuWiki: what is written, what is kept, what is not."""

import re

import pytest

from bulletin.config import Secret
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Mode
from bulletin.notes import notes_of
from bulletin.publishing import dokuwiki_rpc
from bulletin.publishing.dokuwiki import DIALECT, DokuwikiPublisher
from tests.e2e.losing import Losing
from tests.e2e.wiki_issues import DECK, printed
from tests.e2e.wikis import BOT, PASSWORD, PERSON, READ
from tests.publishing.issues import bring, deliveries, never

pytestmark = pytest.mark.e2e
NOTES = "\n  * [[rollback]] on Monday - Anna %% {{x}}\n\n a blank before  \n"
FENCE = DIALECT.fence


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("WIKI_PASSWORD", PASSWORD)
    monkeypatch.setenv("WIKI_WRONG", "not-the-password-of-the-bot")


def channel(url, **more):
    given = {"site": url, "user": BOT.lower(), "password": {"env": "WIKI_PASSWORD"}}
    given["page"] = "bulletin:{title}:{week}"
    return DokuwikiPublisher(
        DokuwikiPublisher.Settings.model_validate(given | more), "dokuwiki", "A Title"
    )


def brought(wiki, title, url=None, settings=None, **fields):
    """Bring an edition to the wiki; the receipt."""
    issue = printed("dokuwiki", title, **fields)
    return bring(channel(url or wiki.url, **(settings or {})), issue)


def page(title):
    return f"bulletin:{title}:2026-w47"


def annotated(text):
    before, _, after = text.partition(FENCE.begin)
    return f"{before}{FENCE.begin}{NOTES}{FENCE.end}{after.partition(FENCE.end)[2]}"


def test_a_page_is_made_once_and_left_alone_after_that(dokuwiki):
    first, again = brought(dokuwiki, "once"), brought(dokuwiki, "once")
    assert (first.fate, again.fate) == (Fate.DELIVERED, Fate.ALREADY_THERE)
    ((_, _, kind, name, user, said, *_),) = dokuwiki.revisions(page("once"))
    assert (kind, name, user) == ("C", page("once"), BOT.lower())
    assert said.startswith("2026-W47 · 1 · live · ")
    assert first.reference == f"{dokuwiki.url}/doku.php?id=bulletin%3Aonce%3A2026-w47"


def test_a_correction_takes_the_place_of_the_page_and_keeps_the_notes(dokuwiki):
    brought(dokuwiki, "notes")
    assert "Corrected" not in dokuwiki.text(page("notes"))
    dokuwiki.call("wiki.putPage", page("notes"), annotated(dokuwiki.text(page("notes"))), {})
    assert notes_of(dokuwiki.text(page("notes")), FENCE) == NOTES
    assert brought(dokuwiki, "notes", revision=2).fate is Fate.DELIVERED
    assert notes_of(dokuwiki.text(page("notes")), FENCE) == NOTES
    assert "Corrected" in dokuwiki.text(page("notes"))
    assert len(dokuwiki.revisions(page("notes"))) == 3


def test_an_older_edition_does_not_come_over_a_newer(dokuwiki):
    brought(dokuwiki, "newer", revision=2)
    with pytest.raises(BulletinError, match="holds a newer edition, revision 2"):
        brought(dokuwiki, "newer", revision=1)


def test_a_page_that_a_person_wrote_is_refused(dokuwiki):
    dokuwiki.call("wiki.putPage", page("theirs"), "Minutes of the meeting", {})
    with pytest.raises(BulletinError, match="did not write"):
        brought(dokuwiki, "theirs")
    assert dokuwiki.text(page("theirs")) == "Minutes of the meeting"
    assert len(dokuwiki.revisions(page("theirs"))) == 1


def test_a_page_whose_markers_somebody_took_away_is_left_alone(dokuwiki):
    brought(dokuwiki, "bare")
    text = dokuwiki.text(page("bare")).replace(FENCE.end, "")
    dokuwiki.call("wiki.putPage", page("bare"), text, {})
    with pytest.raises(BulletinError, match="markers around the notes"):
        brought(dokuwiki, "bare", revision=2)


def test_a_page_that_somebody_edits_is_left_alone_for_now(dokuwiki):
    brought(dokuwiki, "busy")
    dokuwiki.call("dokuwiki.setLocks", {"lock": [page("busy")], "unlock": []})
    receipt = brought(dokuwiki, "busy", revision=2)
    assert receipt.fate is Fate.DEFERRED
    assert "somebody is editing" in receipt.detail
    dokuwiki.call("dokuwiki.setLocks", {"lock": [], "unlock": [page("busy")]})
    assert brought(dokuwiki, "busy", revision=2).fate is Fate.DELIVERED


def test_nobody_can_write_between_our_reading_and_writing(dokuwiki, monkeypatch):
    """The wiki compares nothing: it is its lock that keeps others away, and it is let go."""
    brought(dokuwiki, "race")
    text, taken = annotated(dokuwiki.text(page("race"))), []
    write = dokuwiki_rpc.Wiki.write

    def writing(wiki, *given):
        taken.append(dokuwiki.call("wiki.putPage", page("race"), text, {}) is True)
        write(wiki, *given)

    monkeypatch.setattr(dokuwiki_rpc.Wiki, "write", writing)
    assert brought(dokuwiki, "race", revision=2).fate is Fate.DELIVERED
    assert taken == [False]
    text = annotated(dokuwiki.text(page("race")))
    assert dokuwiki.call("wiki.putPage", page("race"), text, {}) is True


def test_a_lost_answer_is_looked_up(dokuwiki):
    with Losing(dokuwiki.port, b"wiki.putPage").serving() as proxy:
        receipt = brought(dokuwiki, "lost", url=proxy.url)
    assert (proxy.fired, receipt.fate) == (1, Fate.DELIVERED)
    assert len(dokuwiki.revisions(page("lost"))) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_wiki_that_fails_before_writing_is_asked_again(dokuwiki, status):
    with Losing(dokuwiki.port, b"wiki.putPage", status=status).serving() as proxy:
        receipt = brought(dokuwiki, f"failing{status}", url=proxy.url)
    assert (proxy.fired, receipt.fate) == (1, Fate.DELIVERED)


def test_a_wiki_that_goes_on_failing_is_tried_later(dokuwiki):
    with Losing(dokuwiki.port, b"wiki.putPage", status=503, times=99).serving() as proxy:
        assert brought(dokuwiki, "down", url=proxy.url).fate is Fate.DEFERRED
    assert proxy.fired == 3
    assert not dokuwiki.exists(page("down"))


@pytest.mark.parametrize("status", [401, 403, 404, 413])
def test_a_refusal_below_the_api_is_told(dokuwiki, status):
    losing = Losing(dokuwiki.port, b"wiki.putPage", status=status)
    with losing.serving() as proxy, pytest.raises(BulletinError) as raised:
        brought(dokuwiki, f"status{status}", url=proxy.url)
    assert proxy.fired == 1
    assert str(status) in raised.value.problem


def test_a_user_who_may_only_read_is_told(dokuwiki):
    with dokuwiki.being(READ), pytest.raises(BulletinError, match="may not create at"):
        brought(dokuwiki, "reading")
    with dokuwiki.being(READ), pytest.raises(BulletinError, match="may not create at"):
        channel(dokuwiki.url).check()
    assert not dokuwiki.exists(page("reading"))


def test_a_list_of_banned_words_is_told(dokuwiki):
    banned = dokuwiki.folder / "conf/wordblock.conf"
    was = banned.read_text()
    banned.write_text("catalogue\n")
    try:
        with pytest.raises(BulletinError, match="does not take the page"):
            brought(dokuwiki, "spam")
    finally:
        banned.write_text(was)


def test_a_remote_api_that_is_off_is_told(dokuwiki):
    settings = dokuwiki.folder / "conf/local.php"
    was = settings.read_text()
    settings.write_text(was.replace("['remote'] = 1", "['remote'] = 0"))
    try:
        with pytest.raises(BulletinError, match="remote API is off"):
            brought(dokuwiki, "off")
    finally:
        settings.write_text(was)


def test_a_wrong_password_is_told_and_nowhere_printed(dokuwiki, caplog):
    wrong = {"password": {"env": "WIKI_WRONG"}}
    with pytest.raises(BulletinError, match=f"does not let {BOT.lower()} in") as raised:
        brought(dokuwiki, "wrong", settings=wrong)
    assert "not-the-password" not in str(raised.value) + caplog.text
    with pytest.raises(BulletinError, match="does not let"):
        channel(dokuwiki.url, **wrong).check()


def test_what_is_no_wiki_is_told(dokuwiki):
    with pytest.raises(BulletinError):
        channel(f"{dokuwiki.url}/lib").check()


def test_the_deck_is_uploaded_once_and_linked_to(dokuwiki):
    attach = {"attach": ["deck.pdf"]}
    brought(dokuwiki, "decked", settings=attach)
    assert brought(dokuwiki, "decked", settings=attach).fate is Fate.ALREADY_THERE
    name = "bulletin:decked:2026-w47-1-deck.pdf"
    assert f"{{{{:{name}|deck.pdf}}}}" in dokuwiki.text(page("decked"))
    assert dokuwiki.call("wiki.getAttachment", name).data == DECK + b"1"
    brought(dokuwiki, "decked", settings=attach, revision=2)
    assert dokuwiki.call("wiki.getAttachment", name.replace("-1-", "-2-")).data == DECK + b"2"


def test_somebody_elses_file_is_not_replaced(dokuwiki):
    name = "bulletin:file:2026-w47-1-deck.pdf"
    dokuwiki.call("wiki.putAttachment", name, b"%PDF-1.7\n% theirs\n", {"ow": False})
    with pytest.raises(BulletinError, match="there is another file called"):
        brought(dokuwiki, "file", settings={"attach": ["deck.pdf"]})
    assert not dokuwiki.exists(page("file"))


def test_a_rehearsal_goes_to_its_own_namespace_or_nowhere(dokuwiki):
    rehearsal = printed("dokuwiki", "stage", mode=Mode.REHEARSAL)
    assert deliveries(channel(dokuwiki.url), rehearsal) == []
    apart = channel(dokuwiki.url, rehearsal="bulletin:rehearsal", page="stage:{week}")
    assert bring(apart, rehearsal).target.endswith("?id=bulletin%3Arehearsal%3Astage%3A2026-w47")
    assert "REHEARSAL · a trial" in dokuwiki.text("bulletin:rehearsal:stage:2026-w47")
    assert not dokuwiki.exists("stage:2026-w47")
    assert apart.pack(printed("dokuwiki", "stage", mode=Mode.PREVIEW)) == ()


def test_a_target_of_another_mode_is_refused(dokuwiki):
    apart = channel(dokuwiki.url, rehearsal="bulletin:rehearsal")
    (live,) = deliveries(apart, printed("dokuwiki", "crossed"))
    with pytest.raises(BulletinError, match="is no page of the live editions"):
        apart.deliver(live, printed("dokuwiki", "crossed", mode=Mode.REHEARSAL), never)
    assert not dokuwiki.exists(page("crossed"))


def test_check_says_what_was_found_and_changes_nothing(dokuwiki):
    said = channel(dokuwiki.url, attach=["deck.pdf"]).check()
    assert "Release 2022-07-31" in said
    assert f"where {BOT.lower()} may write" in said


def test_every_mark_of_ours_is_read_by_the_wiki(dokuwiki):
    brought(dokuwiki, "looked")
    text = dokuwiki.text(page("looked"))
    html = dokuwiki.render(text)
    assert html.count("<table") == len(re.findall(r"^\^.*", text, re.MULTILINE)) > 5
    assert html.count("<h2") == text.count("\n===== ")
    assert "bulletin:notes" not in re.sub(r"<[^>]+>", "", html)
    assert not re.search(r"\*\*|\[\[|==|//", re.sub(r"<[^>]+>", "", html).replace("://", ""))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"user": "x"},
        {"password": {"env": "X"}},
        {"user": "x", "password": {"env": "X"}, "token": {"env": "Y"}},
    ],
)
def test_there_is_one_way_to_sign_in(given):
    with pytest.raises(ValueError, match="a user and its password, or a token"):
        DokuwikiPublisher.Settings(site="https://wiki.example", **given)


def test_the_secret_is_read_when_it_is_needed():
    settings = DokuwikiPublisher.Settings(site="https://w.example", token=Secret(env="NEVER_SET"))
    (parcel,) = DokuwikiPublisher(settings, "dokuwiki", "A Title").pack(printed("dokuwiki"))
    assert parcel.title == "bulletin:2026-w47"
    assert PERSON not in parcel.body.decode()
