"""The git-wiki channel, with the real git as the other side and as the judge."""

import itertools
import re
from dataclasses import replace

import cmarkgfm
import pytest
import trustme
from dulwich.client import LocalGitClient
from pydantic import ValidationError

from bulletin.archive import codec
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Mode
from bulletin.notes import BEGIN, END
from bulletin.publishing import git_wiki
from bulletin.publishing.git_wiki import pages
from bulletin.publishing.git_wiki.remote import GitRemote
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.markdown import MarkdownRenderer
from tests.menagerie import HOSTILE, everything
from tests.publishing.issues import MARKDOWN, bring, deliveries, edition, issue, never
from tests.publishing.wikis import SmartServer, Wiki, daemon, publisher

PAGE = "The-Journal-2026-W48.md"
HUSH = {"env": "WIKI_TOKEN"}


@pytest.fixture(scope="session")
def seed(tmp_path_factory):
    return Wiki(tmp_path_factory.mktemp("wiki"))


@pytest.fixture
def wiki(tmp_path, seed):
    return Wiki(tmp_path, like=seed)


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("WIKI_TOKEN", "hush")


@pytest.fixture
def server(tmp_path, wiki):
    """The same wiki behind a smart HTTP server, which wants the token."""
    server = SmartServer(tmp_path)
    with server.serving() as server.url:
        yield server


def over_http(server, **settings):
    return publisher(f"{server.url}/shop.wiki.git", token=HUSH, **settings)


def test_an_edition_is_one_commit_on_top_of_what_people_wrote(wiki):
    receipt = bring(publisher(wiki.url, attach=["deck.pdf"]), issue(deck__pdf=b"%PDF\0\xff"))

    assert receipt.fate is Fate.DELIVERED
    assert receipt.target == f"{wiki.url} {PAGE}"
    assert receipt.detail == f"commit {wiki.log('%H')[:12]}"
    assert wiki.files() == ["Home.md", "The-Journal-2026-W48-deck.pdf", PAGE]
    assert wiki.page("Home.md") == "Welcome.\n"
    assert wiki.page(PAGE).startswith(MARKDOWN)
    assert "[deck.pdf](The-Journal-2026-W48-deck.pdf)" in wiki.page(PAGE)
    assert wiki.log("%an <%ae> %s") == "Bulletin <bulletin@bulletin.invalid> The Journal 2026-W48"
    assert wiki.commits() == 2
    wiki.whole()


def test_the_same_edition_again_is_no_commit(wiki):
    bring(publisher(wiki.url, index="Editions"), issue())

    receipt = bring(publisher(wiki.url, index="Editions"), issue())

    assert receipt.fate is Fate.ALREADY_THERE
    assert wiki.commits() == 2


def test_a_correction_replaces_the_page_and_keeps_the_notes(wiki):
    bring(publisher(wiki.url), issue())
    notes = "\r\n- Ada: ask `search` ☕\r\n\n"
    edited = wiki.page(PAGE).replace(f"{BEGIN}\n\n{END}", f"{BEGIN}{notes}{END}")
    wiki.edit(PAGE, edited.replace("All clear.", "Nearly clear."))

    receipt = bring(publisher(wiki.url), issue(edition(revision=2)))

    assert receipt.fate is Fate.DELIVERED
    assert f"{BEGIN}{notes}{END}" in wiki.page(PAGE)
    assert "All clear." in wiki.page(PAGE)
    assert wiki.commits() == 4


def test_what_people_wrote_outside_of_the_notes_stays_until_the_edition_changes(wiki):
    bring(publisher(wiki.url), issue())
    wiki.edit(PAGE, wiki.page(PAGE).replace("All clear.", "Nearly clear."))

    assert bring(publisher(wiki.url), issue()).fate is Fate.ALREADY_THERE
    assert "Nearly clear." in wiki.page(PAGE)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (PAGE, "My own page.\n", "did not write"),
        (PAGE, b"\xff\xfe\0not text", "did not write"),
        (
            PAGE,
            f"{BEGIN}<!-- bulletin:edition 2026-W48 1 {'0' * 64} -->{END}",
            "did not write",
        ),
        (PAGE, f"<!-- bulletin:edition 2026-W47 1 {'0' * 64} -->", "another week"),
        (PAGE, f"<!-- bulletin:edition 2026-W48 9 {'0' * 64} -->", "a newer edition"),
        (PAGE, f"{BEGIN}\n<!-- bulletin:edition 2026-W48 1 {'0' * 64} -->", "markers"),
        (f"{PAGE}/inside.md", "A folder of that name.\n", "is no file"),
        ("the-journal-2026-w48.rst", "Another spelling.\n", "could not tell from ours"),
    ],
    ids=["human", "bytes", "forged in notes", "other week", "newer", "markers", "folder", "twin"],
)
def test_what_is_not_ours_is_never_overwritten(wiki, name, text, said):
    wiki.edit(name, text)

    with pytest.raises(BulletinError, match=said) as caught:
        bring(publisher(wiki.url), issue())

    assert str(caught.value).count("\n") == 1
    assert wiki.commits() == 2


def overtake(monkeypatch, wiki, times, name="Other.md"):
    """Let a person push between our fetch and our push, so many times. Counts them."""
    fired = itertools.count()
    real = GitRemote.push

    def push(remote, *given):
        if push.fired < times:
            push.fired = next(fired) + 1
            wiki.edit(name, f"{push.fired}\n")
        return real(remote, *given)

    push.fired = 0
    monkeypatch.setattr(GitRemote, "push", push)
    return push


@pytest.mark.parametrize("way", ["file", "git", "http"])
def test_who_loses_the_race_writes_on_top_of_the_winner(wiki, server, tmp_path, monkeypatch, way):
    race = overtake(monkeypatch, wiki, 2)
    with daemon(tmp_path, "--enable=receive-pack") as git:
        made = {
            "file": publisher(wiki.url),
            "git": publisher(f"{git}/shop.wiki.git"),
            "http": over_http(server),
        }[way]
        receipt = bring(made, issue())

    assert (receipt.fate, race.fired) == (Fate.DELIVERED, 2)
    assert wiki.page("Other.md") == "2\n"
    assert MARKDOWN in wiki.page(PAGE)
    assert wiki.commits() == 4
    wiki.whole()


def test_who_always_loses_tries_again_later(wiki, monkeypatch):
    race = overtake(monkeypatch, wiki, 99)

    receipt = bring(publisher(wiki.url), issue())

    assert (receipt.fate, race.fired) == (Fate.DEFERRED, 3)
    assert "somebody else wrote first" in receipt.detail
    assert PAGE not in wiki.files()


def test_a_person_who_takes_the_name_during_the_race_keeps_it(wiki, monkeypatch):
    race = overtake(monkeypatch, wiki, 1, name=PAGE)

    with pytest.raises(BulletinError, match="did not write"):
        bring(publisher(wiki.url), issue())

    assert (race.fired, wiki.page(PAGE)) == (1, "1\n")


def test_a_branch_that_another_holds_is_tried_again_later(wiki, server):
    """W07: git's own lock on the branch."""
    lock = wiki.path / "refs" / "heads" / "main.lock"
    lock.touch()

    receipt = bring(over_http(server), issue())

    assert receipt.fate is Fate.DEFERRED
    assert sum("POST /shop.wiki.git/git-receive-pack" in one for one in server.asked) == 3
    lock.unlink()
    assert bring(over_http(server), issue()).fate is Fate.DELIVERED


def test_what_the_servers_rules_forbid_is_said_in_its_own_words(wiki, server):
    """W11: a hook that takes no such page. It is asked twice, in case somebody came first."""
    hook = wiki.path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\ncat >/dev/null\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(BulletinError, match="pre-receive hook declined"):
        bring(over_http(server), issue())

    assert sum("POST /shop.wiki.git/git-receive-pack" in one for one in server.asked) == 1
    assert wiki.commits() == 1


def writing(path):
    return "receive-pack" in path


REFUSED = {
    "W01 credentials": (lambda _: 401, "does not accept the credentials"),
    "W02 rights": (lambda _: 403, "does not let this account"),
    "W03 gone": (lambda _: 404, "has nothing there"),
    "W08 too large": (lambda p: 413 if p.startswith("POST") and writing(p) else None, "as large"),
    "W10 read only": (lambda p: 403 if writing(p) else None, "does not let this account"),
    "H15 sign-in page": (lambda _: b"<html>Sign in", "text/html where git was expected"),
    "H17 elsewhere": (lambda _: 302, "sends us elsewhere"),
}
DEFERRED = {
    "W12 busy": (lambda _: 503, "503"),
    "H23 too much": (lambda _: 429, "429"),
    "H28 broken": (lambda p: 500 if writing(p) else None, "500"),
    "H07 dropped": (lambda _: "drop", "broke off|could not be"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_a_person_must_put_right_is_refused(wiki, server, fault):
    server.fault, said = REFUSED[fault]

    with pytest.raises(BulletinError, match=said) as caught:
        bring(over_http(server), issue())

    assert "hush" not in str(caught.value)
    assert server.fired >= 1
    assert wiki.commits() == 1


@pytest.mark.parametrize("fault", DEFERRED)
def test_what_passes_by_itself_is_tried_again_later(wiki, server, fault):
    server.fault, said = DEFERRED[fault]

    receipt = bring(over_http(server), issue())

    assert receipt.fate is Fate.DEFERRED
    assert re.search(said, receipt.detail)
    assert 1 <= server.fired <= 3, "no storm of attempts"
    server.fault = lambda _: None
    again = bring(over_http(server), issue())
    assert again.fate is (Fate.ALREADY_THERE if wiki.commits() == 1 else Fate.DELIVERED)
    assert wiki.commits() == 2


def lose_the_reply(server, times):
    """W09: git stores the push, and the answer never comes."""
    server.fault = lambda path: (
        "drop" if path.startswith("POST") and writing(path) and server.fired < times else None
    )


def test_a_lost_reply_is_answered_by_looking(wiki, server):
    lose_the_reply(server, 1)

    receipt = bring(over_http(server), issue())

    assert (receipt.fate, server.fired) == (Fate.DELIVERED, 1)
    assert wiki.commits() == 2


def test_a_server_that_does_not_say_whether_it_took_it_is_looked_at(wiki, monkeypatch):
    real = LocalGitClient.send_pack

    def silent(*given, **named):
        sent = real(*given, **named)
        sent.ref_status = None
        return sent

    monkeypatch.setattr(LocalGitClient, "send_pack", silent)

    assert bring(publisher(wiki.url), issue()).fate is Fate.DELIVERED
    assert wiki.commits() == 2


def test_the_control_who_does_not_look_writes_twice(wiki, server, monkeypatch):
    lose_the_reply(server, 1)
    monkeypatch.setattr(git_wiki, "renewed", lambda page, *_: page)

    bring(over_http(server), issue())

    assert (server.fired, wiki.commits()) == (1, 3)


def test_a_lost_reply_of_a_server_that_is_gone_is_found_out_the_next_time(wiki, server):
    """It is deferred and not uncertain: what is there is never written again."""
    server.fault = lambda path: (
        "drop" if server.fired or (path.startswith("POST") and writing(path)) else None
    )

    assert bring(over_http(server), issue()).fate is Fate.DEFERRED
    assert server.fired >= 2
    server.fault = lambda _: None
    assert bring(over_http(server), issue()).fate is Fate.ALREADY_THERE
    assert wiki.commits() == 2


KINDS = (401, 403, 404, 413, 429, 500, 503, b"<html>", "drop")


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_fault_at_any_request_leaves_one_page_in_the_end(tmp_path, seed, kind):
    """Once, and from then on; afterwards the server is well again, and the edition is brought."""
    for number, lasting in itertools.product(range(1, 8), (False, True)):
        folder = tmp_path / f"{number}{lasting}"
        folder.mkdir()
        wiki, server = Wiki(folder, like=seed), SmartServer(folder)

        def fault(_, server=server, number=number, lasting=lasting):
            at = len(server.asked)
            return kind if at == number or (lasting and at > number) else None

        server.fault = fault
        with server.serving() as server.url:
            try:
                first = bring(over_http(server), issue()).fate
            except BulletinError:
                first = Fate.REFUSED
            server.fault = lambda _: None
            second = bring(over_http(server), issue()).fate
        assert server.fired >= 1
        assert wiki.commits() == 2
        assert MARKDOWN in wiki.page(PAGE)
        assert second is Fate.ALREADY_THERE or first is not Fate.DELIVERED
        wiki.whole()


def test_the_list_of_editions_is_newest_first_and_peoples_text_around_it_stays(wiki):
    around = f"# Welcome\n\n{pages.BEGIN}\n{pages.END}\n\nCall Ada.\n"
    wiki.edit("Home.md", around)
    for week in ("2026-W47", "2026-W49", "2026-W48"):
        bring(publisher(wiki.url, index="Home"), issue(edition(week)))
    bring(publisher(wiki.url, index="Home"), issue(edition("2026-W48", 2)))

    assert wiki.page("Home.md") == around.replace(
        f"{pages.BEGIN}\n",
        f"{pages.BEGIN}\n"
        "- [2026-W49](The-Journal-2026-W49): Nothing burns\n"
        "- [2026-W48](The-Journal-2026-W48): Nothing burns\n"
        "- [2026-W47](The-Journal-2026-W47): Nothing burns\n",
    )


def test_a_list_without_a_place_is_refused_before_anything_is_written(wiki):
    with pytest.raises(BulletinError, match="no place for the list"):
        bring(publisher(wiki.url, index="Home"), issue())
    with pytest.raises(BulletinError, match="no place for the list"):
        publisher(wiki.url, index="Home").check()

    assert wiki.commits() == 1


def test_outside_of_a_wiki_pages_link_to_files(tmp_path):
    wiki = Wiki(tmp_path)
    other = wiki.path.rename(tmp_path / "docs.git")
    wiki.path = other

    bring(publisher(other.as_uri(), index="Home-of", folder="docs/weekly"), issue())

    assert f"[2026-W48]({PAGE})" in wiki.page("docs/weekly/Home-of.md")
    assert f"docs/weekly/{PAGE}" in wiki.files()


def test_a_rehearsal_has_pages_of_its_own_and_a_preview_none(wiki):
    rehearsed = issue(edition(mode=Mode.REHEARSAL))
    made = publisher(wiki.url, rehearsal="Rehearsal", index="Editions")

    assert bring(made, rehearsed).fate is Fate.DELIVERED
    assert wiki.files() == ["Home.md", "Rehearsal-Editions.md", f"Rehearsal-{PAGE}"]
    assert publisher(wiki.url).pack(rehearsed) == ()
    assert made.pack(issue(edition(mode=Mode.PREVIEW))) == ()


def test_a_target_that_the_mode_may_not_reach_is_refused_whatever_was_packed(wiki):
    made = publisher(wiki.url, rehearsal="Rehearsal")
    (live,) = deliveries(made, issue())

    for mode in (Mode.REHEARSAL, Mode.PREVIEW):
        with pytest.raises(BulletinError, match="is no page of the"):
            made.deliver(replace(live, mode=mode), issue(), never)

    assert wiki.commits() == 1


def test_a_page_or_a_deck_that_could_not_be_made_is_told_before_anything_is_brought(wiki):
    for publishing, bare in (
        (publisher(wiki.url), issue(bulletin__md=None)),
        (publisher(wiki.url, attach=["deck.pdf"]), issue()),
    ):
        with pytest.raises(BulletinError, match="could not be made"):
            publishing.pack(bare)


def test_what_the_frozen_page_links_to_is_brought_whatever_the_settings_say_by_now(wiki):
    packed, now = publisher(wiki.url, attach=["deck.pdf"]), publisher(wiki.url, attach=["p.pdf"])
    both = issue(deck__pdf=b"%PDF", p__pdf=b"%PDF")
    (delivery,) = deliveries(packed, both)

    now.deliver(delivery, both, never)

    assert wiki.files() == ["Home.md", "The-Journal-2026-W48-deck.pdf", PAGE]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_headline_is_one_line_of_the_list_with_one_link(wiki, text):
    filed = everything()
    words = filed.edition.headline.words | {"title": text}
    if not pages.slug(text):
        return
    filed = codec.file(
        replace(
            filed.edition, mode=Mode.LIVE, headline=replace(filed.edition.headline, words=words)
        )
    )
    (page,) = MarkdownRenderer().render(filed, Bundle.read(), "en")
    made = publisher(wiki.url, title=text[:60], index="Editions")

    bring(made, issue(filed, bulletin__md=page.body))

    (name,) = {*wiki.files()} - {"Home.md", "Editions.md"}
    assert pages.slug(name.removesuffix(".md")) == name.removesuffix(".md")
    shown = cmarkgfm.github_flavored_markdown_to_html(wiki.page("Editions.md"))
    assert re.findall(r"<(\w+)", shown) == ["ul", "li", "a"]


def test_an_empty_wiki_needs_a_first_page_or_the_name_of_its_branch(tmp_path):
    wiki = Wiki(tmp_path, seeded=False)

    with pytest.raises(BulletinError, match="does not say which branch"):
        bring(publisher(wiki.url), issue())
    assert bring(publisher(wiki.url, branch="main"), issue()).fate is Fate.DELIVERED

    assert wiki.files() == [PAGE]
    wiki.whole()


def test_a_branch_that_is_not_there_is_told(wiki):
    with pytest.raises(BulletinError, match="has no branch trunk"):
        bring(publisher(wiki.url, branch="trunk"), issue())


def test_the_credentials_go_into_a_header_and_nowhere_else(server, caplog):
    caplog.set_level("DEBUG")

    bring(over_http(server), issue())

    assert "hush" not in caplog.text + " ".join(server.asked)
    assert "x-access-token" not in " ".join(server.asked)


def test_check_tries_reading_and_writing_and_changes_nothing(wiki, server):
    assert "branch main can be read, and opened for writing" in over_http(server).check()

    server.fault = lambda path: 403 if writing(path) else None
    with pytest.raises(BulletinError, match="does not let this account"):
        over_http(server).check()

    assert server.fired == 1
    assert wiki.commits() == 1


def test_git_that_may_not_be_written_to_is_told(wiki, tmp_path):
    wiki.git("-C", wiki.path, "config", "daemon.receivepack", "false")
    with daemon(tmp_path) as url, pytest.raises(BulletinError, match="said:"):
        bring(publisher(f"{url}/shop.wiki.git"), issue())


@pytest.mark.parametrize("way", ["git", "http", "file"])
def test_nothing_there_is_told(tmp_path, server, way):
    with daemon(tmp_path) as git:
        made = {
            "git": publisher(f"{git}/none.git"),
            "http": publisher(f"{server.url}/none.git", token=HUSH),
            "file": publisher((tmp_path / "none.git").as_uri()),
        }[way]
        with pytest.raises(BulletinError):
            bring(made, issue())


def test_certificates_are_verified(wiki, tmp_path, monkeypatch):
    """And an authority of one's own is named as for every other service."""
    server, authority = SmartServer(tmp_path), trustme.CA()
    with server.serving(authority.issue_cert("127.0.0.1")) as url:
        made = publisher(f"{url}/shop.wiki.git", token=HUSH)
        refused = bring(made, issue())
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        taken = bring(made, issue())

    assert refused.fate is Fate.DEFERRED
    assert "certificate" in refused.detail
    assert taken.fate is Fate.DELIVERED


SSH = """#!/bin/sh
printf '%s\\n' "$*" >>"{log}"
for last; do :; done
cd "{folder}" && exec sh -c "$last"
"""


def test_ssh_is_the_systems_own_and_never_asks(wiki, tmp_path, monkeypatch):
    """A stand-in for the program carries the bytes; git at the far end is real."""
    programs, log = tmp_path / "bin", tmp_path / "log"
    programs.mkdir()
    (programs / "ssh").write_text(SSH.format(log=log, folder=tmp_path))
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")

    receipt = bring(publisher("git@wiki.example:shop.wiki.git", key="/keys/id"), issue())

    assert receipt.fate is Fate.DELIVERED
    assert wiki.commits() == 2
    told = log.read_text()
    assert told.count("BatchMode=yes") == len(told.splitlines())
    assert "-i /keys/id" in told
    assert "git@wiki.example git-receive-pack 'shop.wiki.git'" in told


@pytest.mark.parametrize(
    "remote",
    ["https://github.com/acme/shop.wiki.git", "ssh://git@host:2222/srv/w.git", "git@host:w.git",
     "file:///srv/wiki.git", "git://localhost/w.git", "http://127.0.0.1:8080/.git"],
)  # fmt: skip
def test_remotes_that_may_be_named(remote):
    assert publisher(remote).pack(issue())[0].target == f"{remote} {PAGE}"


@pytest.mark.parametrize(
    ("field", "value"),
    [*(("remote", one) for one in (
        "https://user:secret@host/w.git", "https://token@host/w.git", "http://host/w.git",
        "git://host/w.git", "ftp://host/w.git", "ext::sh -c true", "-oProxyCommand=x:y", "",
        "ssh://-oProxyCommand=x/w.git", "https://host", "https://host/w.git?x=1", "/srv/w.git",
        "https://ho st/w.git", "file://host/w.git", "git@-x:w", "https://host:port/w.git",
     )),
     ("page", "Journal"), ("page", "{week.number}"), ("page", "{week!r}"),
     ("page", "{week:.4}"), ("page", "{week} {week}"), ("page", "{oops} {week}"), ("page", "{"),
     ("folder", "../up"), ("folder", "/root"), ("folder", ".git/hooks"), ("folder", "a/.git"),
     ("index", "…"), ("rehearsal", "//"), ("attach", ["../deck.pdf"]), ("attach", ["a b"]),
     ("attach", ["a.pdf", "a.pdf"]),
     ("author", "Ada <ada>"), ("author", "Ada\nX"), ("email", "ada"), ("email", "a@b\n"),
     ("branch", "-x"), ("token", "plain"), ("user", "a:b")],
)  # fmt: skip
def test_settings_that_cannot_work_are_told(field, value):
    with pytest.raises(ValidationError) as caught:
        publisher(**({"remote": "git@host:w.git"} | {field: value}))

    assert "secret" not in str(caught.value).replace("a secret is never", "")
