"""The DokuWiki channel where answers are lost, broken or empty: a server that keeps its pages."""

import pytest

from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate
from bulletin.publishing.dokuwiki import DIALECT
from tests.publishing.dokuwikis import DokuwikiServer
from tests.publishing.issues import bring, deliveries, edition, issue, never

PAGE = "bulletin:2026-w48"
FENCE = DIALECT.fence


@pytest.fixture
def wiki(monkeypatch):
    monkeypatch.setenv("WIKI_TOKEN", "hush")
    with DokuwikiServer().serving() as server:
        yield server


def written(filed=None, **files):
    filed = filed or edition()
    one = filed.edition
    stamp = f"[[#bulletin:edition:{one.week}:{one.revision}:{filed.digest}|{filed.digest[:12]}]]"
    page = f"{stamp}\n{FENCE.begin}\n{FENCE.end}\n"
    return issue(filed, files={"bulletin.dokuwiki": page.encode()}, **files)


def once(wiki, method, said):
    """Answer so the first time that a method is called."""
    wiki.fault = lambda asked: said if asked == method and not wiki.fired else None


def test_a_page_is_written_once_and_found_at_its_address(wiki):
    first, again = bring(wiki.publisher(), written()), bring(wiki.publisher(), written())

    assert (first.fate, again.fate, wiki.writes) == (Fate.DELIVERED, Fate.ALREADY_THERE, 1)
    assert first.target == first.reference == f"{wiki.url}/doku.php?id=bulletin%3A2026-w48"


@pytest.mark.parametrize("said", [b"<html>Sign in", b"", 408, 503], ids=str)
def test_a_lost_or_unreadable_answer_to_the_writing_is_looked_up(wiki, said):
    once(wiki, "wiki.putPage", said)

    assert bring(wiki.publisher(), written()).fate is Fate.DELIVERED
    assert wiki.fired == 1
    assert wiki.writes == 1
    assert wiki.asked.count("wiki.putPage") == (1 if isinstance(said, bytes) else 2)


@pytest.mark.parametrize("then", [401, 404, b"<html>Sign in"], ids=str)
def test_what_cannot_be_read_after_a_lost_answer_waits(wiki, then):
    def fault(method):
        if method == "wiki.putPage":
            return b"<html>Welcome"
        return then if method == "wiki.getPage" else None

    wiki.fault = fault
    receipt = bring(wiki.publisher(), written())

    assert receipt.fate is Fate.DEFERRED
    assert "no DokuWiki that we know" in receipt.detail
    assert wiki.writes == 1


@pytest.mark.parametrize("method", ["wiki.aclCheck", "dokuwiki.setLocks", "wiki.getPage"])
def test_a_fault_that_comes_as_an_empty_struct_is_tried_again_later(wiki, method):
    """As the release of July 2022 tells it."""
    if method == "wiki.getPage":
        bring(wiki.publisher(), written())
    before = wiki.writes
    once(wiki, method, {})

    assert bring(wiki.publisher(), written(edition(revision=2))).fate is Fate.DEFERRED
    assert (wiki.fired, wiki.writes) == (1, before)


@pytest.mark.parametrize("method", ["wiki.aclCheck", "dokuwiki.getVersion"])
def test_what_answers_in_another_kind_is_no_wiki(wiki, method):
    once(wiki, method, {"not": "it"})

    with pytest.raises(BulletinError, match="no DokuWiki that we know"):
        wiki.publisher().check()


FAULTLESS = b"<methodResponse><fault><value><struct></struct></value></fault></methodResponse>"


def test_a_fault_without_its_code_is_no_wiki(wiki):
    once(wiki, "dokuwiki.getVersion", FAULTLESS)

    with pytest.raises(BulletinError, match="no DokuWiki that we know"):
        wiki.publisher().check()


def test_what_the_frozen_page_links_to_is_uploaded_whatever_the_settings_say_by_now(wiki):
    packed, now = wiki.publisher(attach=["deck.pdf"]), wiki.publisher(attach=["p.pdf"])
    both = written(deck__pdf=b"%PDF", p__pdf=b"%PDF")
    (delivery,) = deliveries(packed, both)

    now.deliver(delivery, both, never)

    assert [*wiki.files] == [f"{PAGE}-1-deck.pdf"]


def test_what_could_not_be_made_is_told_before_anything_is_brought(wiki):
    with pytest.raises(BulletinError, match=r"has no deck\.pdf"):
        wiki.publisher(attach=["deck.pdf"]).pack(written())
