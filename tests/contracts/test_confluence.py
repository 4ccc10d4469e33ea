"""Every request to Confluence Cloud's API v2, against the document that it publishes.

Attachments, labels and the account have no API but v1, which the document does not hold.
"""

from dataclasses import replace

import pytest
import requests

from tests.contracts import documents
from tests.contracts.test_prism import prism
from tests.publishing.confluences import ConfluenceServer, written
from tests.publishing.issues import bring, edition

pytestmark = pytest.mark.e2e
V2 = "/wiki/api/v2"
SENT = ("accept", "authorization", "content-type")
MADE = {
    "GET /spaces",
    "GET /pages",
    "POST /pages",
    "GET /pages/{id}",
    "PUT /pages/{id}",
    "GET /pages/{id}/attachments",
}


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("WIKI_TOKEN", "hush")


@pytest.fixture
def traffic():
    """A page made and corrected below a parent, with a deck; requests to v1 left out."""
    with ConfluenceServer("cloud").serving() as wiki:
        parent = wiki.add("Journals", "<p>All of them.</p>")
        made = wiki.publisher(attach=["deck.pdf"], labels=["bulletin"], parent=parent.id)
        made.check()
        for revision in (1, 2):
            bring(made, written(edition(revision=revision), deck__pdf=b"%PDF"))
        bring(wiki.publisher(page="By title {week}", parent="Journals"), written())
        yield [
            replace(one, path=one.path.removeprefix(V2))
            for one in wiki.asked
            if one.path.startswith(V2)
        ]


def test_every_kind_of_request_is_made(traffic):
    assert {documents.confluence().operation(one).name for one in traffic} == MADE


def test_every_request_is_in_the_document_as_it_was_made(traffic):
    assert [
        fault for one in traffic for fault in documents.confluence().faults_of_request(one)
    ] == []


def test_what_is_not_in_the_document_is_found(traffic):
    """The control."""
    (made,) = [one for one in traffic if one.method == "POST"][:1]
    wrong = (
        replace(made, body=made.body.replace(b'"spaceId"', b'"space"')),
        replace(made, body=made.body.replace(b'"current"', b'"live"')),
        replace(made, query="minorEdit=true"),
    )
    for one in wrong:
        assert [*documents.confluence().faults_of_request(one)]


def replayed(url, one):
    headers = {name: one.headers[name] for name in SENT if name in one.headers}
    address = f"{url}{one.path}?{one.query}"
    return requests.request(one.method, address, headers=headers, data=one.body, timeout=30)


@pytest.mark.nightly
def test_prism_accepts_every_request(traffic):
    """Prism reads the document in a way of its own. What it answers is invented, so each request
    is sent to it as it was made to our own server.
    """
    (made,) = [one for one in traffic if one.method == "POST"][:1]
    with prism(documents.path("confluence-v2")) as url:
        wrong = replayed(url, replace(made, body=made.body.replace(b'"spaceId"', b'"space"')))
        answers = [(one.path, replayed(url, one)) for one in traffic]

    assert len(traffic) >= 15
    assert [(path, answer.text) for path, answer in answers if not answer.ok] == []
    assert wrong.status_code == 400, "the control: Prism refuses what is not as documented"
