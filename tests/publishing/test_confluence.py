"""The Confluence channel, both deployments, against a server that keeps pages as theirs do."""

import itertools
import re
from dataclasses import replace

import pytest
from pydantic import ValidationError

from bulletin.archive import codec
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Mode
from bulletin.publishing import confluence
from bulletin.publishing.confluence.storage import anchors, mark_of, with_notes
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.confluence import ConfluenceRenderer
from tests.menagerie import EDITIONS, HOSTILE, everything
from tests.publishing.confluences import ConfluenceServer, parsed, pin, storage, written
from tests.publishing.issues import bring, deliveries, edition, issue, never

TITLE = "The Journal 2026-W48"
BUNDLE = Bundle.read()


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("WIKI_TOKEN", "hush")


@pytest.fixture(params=["cloud", "data-center"])
def wiki(request):
    with ConfluenceServer(request.param).serving() as server:
        yield server


def writes(wiki):
    return sum(one.method in {"POST", "PUT"} for one in wiki.asked)


def test_an_edition_is_a_page_of_its_space(wiki):
    parent = wiki.add("Journals", "<p>All of them.</p>")
    made = wiki.publisher(attach=["deck.pdf"], labels=["bulletin"], parent="Journals")

    receipt = bring(made, written(deck__pdf=b"%PDF\0\xff"))

    page = wiki.named(TITLE)
    assert receipt.fate is Fate.DELIVERED
    assert receipt.target == f"{wiki.url} ENG: {TITLE}"
    assert receipt.reference.startswith(f"{wiki.url}{wiki.root}/")
    assert page.id in receipt.reference
    assert (page.version, page.parent, page.labels) == (1, parent.id, {"bulletin"})
    assert page.files["deck.pdf"][1] == b"%PDF\0\xff"
    assert '<ri:attachment ri:filename="deck.pdf"' in page.body
    assert mark_of(page.body.encode()).digest == edition().digest


def test_the_address_is_the_one_that_people_open_and_not_the_gateways(wiki):
    wiki.links = {"base": "https://acme.atlassian.net/wiki"}

    first, again = bring(wiki.publisher(), written()), bring(wiki.publisher(), written())

    id_ = wiki.named(TITLE).id
    assert first.reference == again.reference
    assert (
        first.reference
        == {
            "cloud": f"https://acme.atlassian.net/wiki/spaces/ENG/pages/{id_}/Its+title",
            "data-center": f"{wiki.url}/pages/viewpage.action?pageId={id_}",
        }[wiki.deployment]
    )


def test_a_number_that_would_lead_elsewhere_never_gets_into_a_path(wiki):
    made = wiki.publisher(attach=["deck.pdf"])
    bring(made, written(deck__pdf=b"%PDF one"))
    page = wiki.named(TITLE)
    page.files["deck.pdf"] = ("1/../../x", *page.files["deck.pdf"][1:])

    receipt = bring(made, written(edition(revision=2), deck__pdf=b"%PDF two"))

    assert receipt.fate is Fate.DEFERRED
    assert "in a shape that is not known here" in receipt.detail
    assert not any(".." in one.path for one in wiki.asked)


def test_the_same_edition_again_is_no_version(wiki):
    made = wiki.publisher(attach=["deck.pdf"])
    bring(made, written(deck__pdf=b"%PDF"))
    before = writes(wiki)

    receipt = bring(made, written(deck__pdf=b"%PDF"))

    assert (receipt.fate, receipt.detail) == (Fate.ALREADY_THERE, "version 1")
    assert writes(wiki) == before
    assert wiki.named(TITLE).version == 1


NOTES = (
    "Ada: ask <code>search</code> &nbsp;☕",
    "</p><ul><li><p>one</p></li></ul><p>",
    "</p><ac:plain-text-body><![CDATA[a ]]]]><![CDATA[> b </p>]]></ac:plain-text-body><p>",
    f"</p><p>{pin('agenda')} <!-- said --> &eacute;&#160;</p><p>",
)


@pytest.mark.parametrize("notes", NOTES, ids=range(len(NOTES)))
def test_a_correction_keeps_the_notes_to_the_letter(wiki, notes):
    bring(wiki.publisher(), written())
    page = wiki.named(TITLE)
    begin, end = fence(page)
    body = page.body.encode()
    edited = body[:begin] + notes.encode() + body[end:]
    page.body = edited.decode().replace("All clear.", "Nearly clear.")
    page.version += 1

    receipt = bring(wiki.publisher(), written(edition(revision=2)))

    body = wiki.named(TITLE).body
    begin, end = fence(wiki.named(TITLE))
    assert (receipt.fate, receipt.detail) == (Fate.DELIVERED, "version 3")
    assert unmarked(body.encode()[begin:end].decode()) == unmarked(notes)
    assert "All clear." in body
    assert mark_of(body.encode()).revision == 2
    assert wiki.named(TITLE).minor == (wiki.deployment == "data-center")


def fence(page):
    """Where the notes begin and end, in bytes."""
    begin = next(one.end for one in anchors(page.body.encode()) if one.name.endswith("-begin"))
    end = next(one.start for one in anchors(page.body.encode()) if one.name.endswith("-end"))
    return begin, end


def unmarked(body):
    """Without the attributes that the server adds."""
    return re.sub(r' (ac:macro-id|local-id)="\w+"', "", body)


def test_what_people_wrote_outside_of_the_notes_stays_until_the_edition_changes(wiki):
    bring(wiki.publisher(), written())
    page = wiki.named(TITLE)
    page.body, page.version = page.body.replace("All clear.", "Nearly clear."), 2

    assert bring(wiki.publisher(), written()).fate is Fate.ALREADY_THERE
    assert "Nearly clear." in page.body


def other(week="2026-W48", revision=1):
    return "<p>Over.{}</p>".format(pin(f"bulletin-edition-{week}-{revision}-" + "0" * 64))


FENCE = f"<p>{pin('bulletin-notes-begin')}</p>", f"<p>{pin('bulletin-notes-end')}</p>"
NOT_OURS = {
    "human": ("<p>My own page.</p>", "did not write"),
    "broken": ("<p>My own page.", "did not write"),
    "other week": (other("2026-W47"), "of another week, 2026-W47"),
    "twice": (other() + other(revision=2), "did not write"),
    "newer": (other(revision=9), "a newer edition"),
    "in notes": (f"{FENCE[0]}{other()}{FENCE[1]}", "did not write"),
    "no notes": (other(), "were moved"),
    "notes twice": (f"{FENCE[0]}{FENCE[0]}{FENCE[1]}{other()}", "were moved"),
    "notes the wrong way": (f"{FENCE[1]}{FENCE[0]}{other()}", "were moved"),
    "notes on two levels": (f"{FENCE[0]}<ul><li>{FENCE[1]}</li></ul>{other()}", "were moved"),
}


@pytest.mark.parametrize("case", NOT_OURS)
def test_what_is_not_ours_is_never_overwritten(wiki, case):
    body, said = NOT_OURS[case]
    page = wiki.add(TITLE, body)
    filed = edition() if case == "newer" else edition(revision=2)

    with pytest.raises(BulletinError, match=said) as caught:
        bring(wiki.publisher(), written(filed))

    assert str(caught.value).count("\n") == 1
    assert (page.version, writes(wiki)) == (1, 0)


def meanwhile(wiki, times, act):
    """Let a person act between our reading and our writing, so many times. Counts them."""

    def before(method, path):
        if method in {"POST", "PUT"} and "attachment" not in path and meanwhile.fired < times:
            meanwhile.fired += 1
            act()

    meanwhile.fired = 0
    wiki.before = before


def edit(wiki):
    page = wiki.named(TITLE)
    begin, _ = fence(page)
    body = page.body.encode()
    page.body = (body[:begin] + b"Ada was here. " + body[begin:]).decode()
    page.version += 1


def test_a_person_who_edits_between_reading_and_writing_loses_nothing(wiki):
    """W04 and W06."""
    bring(wiki.publisher(), written())
    meanwhile(wiki, 2, lambda: edit(wiki))

    receipt = bring(wiki.publisher(), written(edition(revision=2)))

    assert (receipt.fate, meanwhile.fired) == (Fate.DELIVERED, 2)
    assert wiki.named(TITLE).body.count("Ada was here.") == 2
    assert wiki.named(TITLE).version == 4


def test_who_always_loses_tries_again_later(wiki):
    bring(wiki.publisher(), written())
    before = writes(wiki)
    meanwhile(wiki, 99, lambda: edit(wiki))

    receipt = bring(wiki.publisher(), written(edition(revision=2)))

    assert (receipt.fate, meanwhile.fired, writes(wiki) - before) == (Fate.DEFERRED, 3, 3)
    assert mark_of(wiki.named(TITLE).body.encode()).revision == 1


def test_a_person_who_takes_the_title_meanwhile_keeps_it(wiki):
    """W05."""
    meanwhile(wiki, 1, lambda: wiki.add(TITLE, "<p>Mine.</p>"))

    with pytest.raises(BulletinError, match="did not write"):
        bring(wiki.publisher(), written())

    assert wiki.named(TITLE).body == "<p>Mine.</p>"


def lose_the_reply(wiki, times=1, said="drop"):
    wiki.fault = lambda method, path: (
        said
        if method in {"POST", "PUT"} and "attachment" not in path and wiki.fired < times
        else None
    )


@pytest.mark.parametrize("said", ["drop", b"<html>Welcome", b"[]", b"{}"], ids=str)
@pytest.mark.parametrize("first", [True, False], ids=["create", "update"])
def test_a_lost_or_unreadable_reply_is_answered_by_looking(wiki, first, said):
    """W09."""
    if not first:
        bring(wiki.publisher(), written())
    lose_the_reply(wiki, said=said)

    receipt = bring(wiki.publisher(), written(edition(revision=2)))

    assert (receipt.fate, wiki.fired) == (Fate.DELIVERED, 1)
    assert wiki.named(TITLE).version == (1 if first else 2)
    assert len(wiki.pages) == 1


def test_the_control_who_does_not_look_writes_twice(wiki, monkeypatch):
    bring(wiki.publisher(), written())
    lose_the_reply(wiki)
    monkeypatch.setattr(confluence, "renewed", lambda page, *_: page)

    bring(wiki.publisher(), written(edition(revision=2)))

    assert (wiki.fired, wiki.named(TITLE).version) == (1, 3)


def test_a_lost_reply_of_a_site_that_is_gone_is_found_out_the_next_time(wiki):
    wiki.fault = lambda method, _path: "drop" if wiki.fired or method == "POST" else None

    assert bring(wiki.publisher(), written()).fate is Fate.DEFERRED
    assert wiki.fired >= 2
    wiki.fault = lambda *_: None
    assert bring(wiki.publisher(), written()).fate is Fate.ALREADY_THERE
    assert wiki.named(TITLE).version == 1


@pytest.mark.parametrize("then", [401, 404, 302, b"<html>Sign in"], ids=str)
def test_what_cannot_be_read_after_a_lost_reply_waits_with_what_was_said_first(wiki, then):
    wiki.fault = lambda method, _path: 502 if method == "POST" else then if wiki.fired else None

    receipt = bring(wiki.publisher(), written())

    assert receipt.fate is Fate.DEFERRED
    assert wiki.fired >= 2
    assert "502" in receipt.detail


def writing(method, _path):
    return method in {"POST", "PUT"}


REFUSED = {
    "W01 credentials": (lambda *_: 401, "does not accept the credentials"),
    "W02 rights": (lambda m, p: 403 if writing(m, p) else None, "does not let this account"),
    "W03 gone": (lambda *_: 404, "has nothing there"),
    "W08 too large": (lambda m, p: 413 if writing(m, p) else None, "as large as this"),
    "W10 read only": (lambda m, p: 405 if writing(m, p) else None, "takes no changes now"),
    "W11 not taken": (lambda m, p: 400 if writing(m, p) else None, "does not take what was sent"),
    "H15 sign-in page": (lambda *_: b"<html>Sign in", "where JSON was expected"),
    "H17 elsewhere": (lambda *_: 302, "redirects to id.atlassian.example"),
    "v1 retired": (lambda *_: 410, "gone"),
}
DEFERRED = {
    "W12 busy": (lambda *_: 503, "503"),
    "H23 too much": (lambda *_: 429, "429"),
    "H28 broken": (lambda m, p: 500 if writing(m, p) else None, "500"),
    "W07 held": (lambda m, p: 409 if writing(m, p) else None, "another version of the page"),
    "H07 dropped": (lambda *_: "drop", "could not be|broke off"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_a_person_must_put_right_is_refused(wiki, fault):
    wiki.fault, said = REFUSED[fault]

    with pytest.raises(BulletinError, match=said) as caught:
        bring(wiki.publisher(), written())

    assert "hush" not in str(caught.value)
    assert 1 <= wiki.fired <= 3
    assert not wiki.pages


@pytest.mark.parametrize("fault", DEFERRED)
def test_what_passes_by_itself_is_tried_again_later(wiki, fault):
    wiki.fault, said = DEFERRED[fault]

    receipt = bring(wiki.publisher(), written())

    assert receipt.fate is Fate.DEFERRED
    assert re.search(said, receipt.detail)
    assert 1 <= wiki.fired <= 3, "no storm of attempts"
    wiki.fault = lambda *_: None
    bring(wiki.publisher(), written())
    assert wiki.named(TITLE).version == 1


KINDS = (400, 401, 403, 404, 409, 413, 429, 500, 503, b"<html>", "drop")


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_fault_at_any_request_leaves_one_page_in_the_end(wiki, kind):
    """Once, and from then on; afterwards the site is well again, and the edition is brought."""
    made = wiki.publisher(attach=["deck.pdf"], labels=["bulletin"])
    for number, lasting in itertools.product(range(1, 6), (False, True)):
        wiki.pages.clear()
        wiki.asked.clear()
        wiki.fired = 0

        def fault(*_, number=number, lasting=lasting):
            at = len(wiki.asked)
            return kind if at == number or (lasting and at > number) else None

        wiki.fault = fault
        try:
            first = bring(made, written(deck__pdf=b"%PDF")).fate
        except BulletinError:
            first = Fate.REFUSED
        wiki.fault = lambda *_: None
        second = bring(made, written(deck__pdf=b"%PDF")).fate
        page = wiki.named(TITLE)
        assert wiki.fired >= 1
        assert (len(wiki.pages), page.version) == (1, 1)
        assert page.files["deck.pdf"][1] == b"%PDF"
        assert second is Fate.ALREADY_THERE or first is not Fate.DELIVERED


def test_a_deck_that_did_not_arrive_with_the_page_is_attached_later(wiki):
    wiki.fault = lambda method, path: 500 if method == "POST" and "attachment" in path else None
    made = wiki.publisher(attach=["deck.pdf"])

    assert bring(made, written(deck__pdf=b"%PDF")).fate is Fate.DEFERRED
    assert wiki.fired == 1
    wiki.fault = lambda *_: None
    receipt = bring(made, written(deck__pdf=b"%PDF"))

    assert (receipt.fate, receipt.detail) == (Fate.DELIVERED, "its files were attached")
    assert wiki.named(TITLE).version == 1


def test_another_deck_replaces_the_attached_one(wiki):
    made = wiki.publisher(attach=["deck.pdf"])
    bring(made, written(deck__pdf=b"%PDF one"))

    bring(made, written(edition(revision=2), deck__pdf=b"%PDF two"))

    assert [one[1] for one in wiki.named(TITLE).files.values()] == [b"%PDF two"]


def test_a_rehearsal_has_a_space_of_its_own_and_a_preview_none(wiki):
    rehearsed = written(edition(mode=Mode.REHEARSAL))

    assert bring(wiki.publisher(rehearsal="TRY"), rehearsed).fate is Fate.DELIVERED
    assert [one.space for one in wiki.pages.values()] == ["TRY"]
    assert wiki.publisher().pack(rehearsed) == ()
    assert wiki.publisher(rehearsal="TRY").pack(written(edition(mode=Mode.PREVIEW))) == ()


def test_a_target_that_the_mode_may_not_reach_is_refused_whatever_was_packed(wiki):
    made = wiki.publisher(rehearsal="TRY")
    (live,) = deliveries(made, written())

    for mode in (Mode.REHEARSAL, Mode.PREVIEW):
        with pytest.raises(BulletinError, match="is no page of the"):
            made.deliver(replace(live, mode=mode), written(), never)

    assert not wiki.asked


def test_a_page_or_a_deck_that_could_not_be_made_is_told_before_anything_is_brought(wiki):
    for publishing, bare in (
        (wiki.publisher(), issue()),
        (wiki.publisher(attach=["deck.pdf"]), written()),
    ):
        with pytest.raises(BulletinError, match="could not be made"):
            publishing.pack(bare)


def test_what_the_frozen_page_links_to_is_attached_whatever_the_settings_say_by_now(wiki):
    packed, now = wiki.publisher(attach=["deck.pdf"]), wiki.publisher(attach=["p.pdf"])
    both = written(deck__pdf=b"%PDF", p__pdf=b"%PDF")
    (delivery,) = deliveries(packed, both)

    now.deliver(delivery, both, never)

    assert [*wiki.named(TITLE).files] == ["deck.pdf"]


@pytest.mark.parametrize("parent", ["Journals", "4711"])
def test_a_parent_that_is_gone_is_told(wiki, parent):
    """W03."""
    with pytest.raises(BulletinError, match=f"the page '{parent}' is not there"):
        bring(wiki.publisher(parent=parent), written())

    assert not wiki.pages


def test_check_says_who_sees_what_and_changes_nothing(wiki):
    wiki.add("Journals", "<p>All of them.</p>")

    said = wiki.publisher(parent="Journals", rehearsal="TRY").check()

    assert said.startswith("The Bulletin's Bot sees the space ENG")
    assert writes(wiki) == 0
    with pytest.raises(BulletinError, match="no space NONE"):
        wiki.publisher(rehearsal="NONE").check()
    with pytest.raises(BulletinError, match="'Nowhere' is not there"):
        wiki.publisher(parent="Nowhere").check()
    wiki.fault = lambda *_: 401
    with pytest.raises(BulletinError, match="credentials"):
        wiki.publisher().check()


def test_a_space_that_is_not_there_is_told(wiki):
    if wiki.deployment == "cloud":
        with pytest.raises(BulletinError, match="no space GONE"):
            bring(wiki.publisher(space="GONE"), written())


def test_the_credentials_go_into_a_header_and_nowhere_else(wiki, caplog):
    caplog.set_level("DEBUG")

    bring(wiki.publisher(attach=["deck.pdf"]), written(deck__pdf=b"%PDF"))

    told = caplog.text + " ".join(f"{one.path} {one.query} {one.body!r}" for one in wiki.asked)
    assert "hush" not in told


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", EDITIONS)
def test_every_page_is_well_formed_marked_once_and_taken(name, language):
    made = EDITIONS[name]
    filed = made() if callable(made) else made
    (page,) = ConfluenceRenderer().render(filed, BUNDLE, language)
    tree = parsed(page.body.decode())

    names = [one.name for one in anchors(page.body)]
    assert [one for one in names if one.startswith("bulletin-notes")] == [
        "bulletin-notes-begin",
        "bulletin-notes-end",
    ]
    assert mark_of(page.body).digest == filed.digest
    assert with_notes(page.body, page.body) == page.body
    assert {one.tag.partition("}")[2] or one.tag for one in tree.iter()} <= KNOWN


@pytest.mark.parametrize("name", ["everything", "dreadful"])
def test_a_rendered_page_is_taken_and_corrected(wiki, name):
    filed = EDITIONS[name]() if callable(EDITIONS[name]) else EDITIONS[name]
    live = codec.file(replace(filed.edition, mode=Mode.LIVE))
    (page,) = ConfluenceRenderer().render(live, BUNDLE, "fr")
    made = wiki.publisher(title=HOSTILE[1][:60])
    assert bring(made, issue(live, files={"bulletin.confluence": page.body})).fate is Fate.DELIVERED
    again = codec.file(replace(live.edition, revision=live.edition.revision + 1))
    (page,) = ConfluenceRenderer().render(again, BUNDLE, "fr")
    receipt = bring(made, issue(again, files={"bulletin.confluence": page.body}))
    assert receipt.detail == "version 2"


KNOWN = {
    "r", "p", "h1", "h2", "h3", "ul", "li", "a", "em", "strong", "code", "br", "hr", "blockquote",
    "table", "tbody", "tr", "th", "td", "structured-macro", "parameter", "rich-text-body",
    "task-list", "task", "task-id", "task-status", "task-body",
}  # fmt: skip
INJECTIONS = (
    *HOSTILE,
    "]]> <![CDATA[ </p></ac:rich-text-body> &nbsp; &bogus; <!-- -->",
    '<ac:structured-macro ac:name="html"><ac:plain-text-body><![CDATA[<script>]]>',
    '" onclick="alert(1) \' ri:filename="x',
    "\ufffe\uffff\ud800\x0b\x85 {code} [~admin] !img.png!",
    pin("bulletin-notes-end"),
)


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_hostile_titles_change_no_element_of_the_page(text):
    def shape(title):
        filed = everything()
        items = tuple(replace(item, title=title, owner=title) for item in filed.edition.items)
        given = codec.file(replace(filed.edition, items=items, title=title))
        (page,) = ConfluenceRenderer().render(given, BUNDLE, "en")
        return [(one.tag, *sorted(one.attrib)) for one in parsed(page.body.decode()).iter()]

    assert shape(text) == shape("A plain title")


@pytest.mark.parametrize(
    ("field", "value"),
    [("site", "http://wiki.example"), ("site", "https://bot:pw@wiki.example"), ("site", "wiki"),
     ("space", "E N G"), ("space", ""), ("user", "a:b"), ("user", None), ("token", "plain"),
     ("page", "Journal"), ("page", "{oops} {week}"), ("page", "{week:.4}"),
     ("rehearsal", "ENG"), ("rehearsal", "eng"), ("labels", ["Two"]),
     ("attach", ["../x"]), ("deployment", "server")],
)  # fmt: skip
def test_settings_that_cannot_work_are_told(field, value):
    good = {"site": "https://acme.atlassian.net", "space": "ENG", "user": "bot@acme.example"}
    with pytest.raises(ValidationError):
        confluence.ConfluenceSettings.model_validate(
            good | {"token": {"env": "WIKI_TOKEN"}, field: value}
        )


@pytest.mark.parametrize(
    ("site", "is_cloud"),
    [("https://acme.atlassian.net", True), ("https://acme.atlassian.net/wiki", True),
     ("https://api.atlassian.com/ex/confluence/1-2", True),
     ("https://wiki.acme.example/confluence", False), ("https://notatlassian.net", False)],
)  # fmt: skip
def test_the_deployment_is_told_by_the_address(site, is_cloud):
    given = {"site": site, "space": "ENG", "token": {"env": "T"}, "user": "bot@acme.example"}

    assert confluence.ConfluenceSettings.model_validate(given).is_cloud is is_cloud


def test_a_page_of_the_sample_is_read_as_it_is_written():
    """The control of the tests above: the small page has what the rendered one has."""
    page = storage(edition()).encode()

    assert mark_of(page).digest == edition().digest
    assert with_notes(page, page) == page
