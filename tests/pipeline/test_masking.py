"""Secrets planted in every service, and one whole draft: none of them is in anything it wrote."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from pypdf import PdfReader
from werkzeug import Response

from bulletin import config, registry
from bulletin.demo import CLOSES, LAST, ZONE
from bulletin.logs import DiscreetFormatter
from bulletin.model.facts import Severity
from bulletin.model.harvest import Cause
from bulletin.pipeline import Printed, draft, gathering
from bulletin.sandbox.company import open_company
from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World, load
from tests.builders import edited, harvest, incident, window
from tests.masking.planted import SECRETS

KINDS = dict(SECRETS)
PLANTED = {
    "github": KINDS["GitHub token"],
    "jira": KINDS["Atlassian token"],
    "sentry": KINDS["AWS key"],
    "refusal": KINDS["Stripe key"],
}
NOW = LAST.closes(ZONE, CLOSES)


def planted() -> World:
    """Return the demo company, with a secret in front of every title."""
    world = load()
    return replace(
        world,
        outages=(),
        pull_requests=tuple(
            replace(one, title=f"{PLANTED['github']} {one.title}") for one in world.pull_requests
        ),
        incidents=tuple(
            replace(one, summary=f"{PLANTED['jira']} {one.summary}") for one in world.incidents
        ),
        errors=tuple(
            replace(one, title=f"{PLANTED['sentry']} {one.title}") for one in world.errors
        ),
    )


@contextmanager
def refusing(service: Service) -> Iterator[None]:
    """Let Jira refuse the search for the closed, and quote a secret in its refusal."""
    answer = service.answer

    def refuse(request, world, moment):
        asked = unquote_plus(request.query_string.decode()) + request.get_data(as_text=True)
        if "resolved >= " in asked:
            said = {"errorMessages": [f"The value '{PLANTED['refusal']}' does not exist."]}
            return Response(json.dumps(said), 400, content_type="application/json")
        return answer(request, world, moment)

    service.answer = refuse
    yield
    service.answer = answer


def drafted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Draft one week of the company into the folder, with a log of everything beside it."""
    handler = logging.FileHandler(folder / "everything.log", encoding="utf-8")
    handler.setFormatter(DiscreetFormatter("%(message)s"))
    log = logging.getLogger("bulletin")
    monkeypatch.setattr(log, "level", logging.DEBUG)
    log.addHandler(handler)
    try:
        with open_company(planted(), NOW) as company, refusing(company.services["jira"]):
            for name, value in company.environment.items():
                monkeypatch.setenv(name, value)
            path = folder / "bulletin.toml"
            path.write_text(company.settings("The Journal", "en"), encoding="utf-8")
            return draft(config.load(path, registry.kinds()), week=LAST, now=NOW)
    finally:
        log.removeHandler(handler)
        handler.close()


def found(folder: Path) -> set[str]:
    """Return the planted secrets that stand in any file, also inside PDF and folded mail."""
    texts = []
    for path in folder.rglob("*"):
        if path.is_file():
            texts.append(path.read_bytes())
        if path.suffix == ".pdf":
            texts += (page.extract_text().encode() for page in PdfReader(path).pages)
    whole = b"\n".join(texts)
    whole += whole.replace(b"=\n", b"").replace(b"=\r\n", b"") + b"".join(whole.split())
    return {name for name, secret in PLANTED.items() if secret[:24].encode() in whole}


def test_no_planted_secret_is_in_anything_that_a_draft_wrote(tmp_path, monkeypatch):
    printed = drafted(tmp_path, monkeypatch)
    edition = printed.filed.edition
    assert not printed.failures
    assert {"index.html", "edition.json", "deck.pdf", "email.eml"} <= {
        artifact.name for artifact in printed.artifacts
    }
    assert found(tmp_path) == set()
    assert {(note.source, note.what) for note in edition.masked} == {
        ("github", "GitHub token"),
        ("jira", "Atlassian token"),
        ("jira", "Stripe key"),
        ("sentry", "AWS key"),
    }
    assert any("[redacted: Stripe key]" in gap.detail for gap in edition.gaps)
    assert all("[redacted: " in fact.title for fact in edition.facts)
    count = sum(note.count for note in edition.masked)
    page = next(a.body.decode() for a in printed.artifacts if a.name == "index.html")
    assert f"{count} secrets were masked in what the services said." in page
    assert "[redacted: GitHub token]" in page


def test_without_the_mask_all_of_them_are_found(tmp_path, monkeypatch):
    """What the test above would say if nothing were masked."""
    monkeypatch.setattr(gathering, "mask_harvest", lambda harvest: harvest)
    drafted(tmp_path, monkeypatch)
    assert found(tmp_path) == set(PLANTED)


class Told:
    """A collector of somebody else, whose second look brings a secret too."""

    source, kinds = "jira", ("incident",)

    def __init__(self, found, again):
        self.collect = lambda *_: found
        self.revisit = lambda _: again


SEVERE = [incident(subject, severity=Severity.HIGH) for subject in ("INC-1", "INC-2")]
LISTED = edited([harvest("jira", SEVERE)]).items


def test_what_a_second_look_brings_is_masked_and_noted_with_the_rest():
    found, again = (
        harvest("jira", [replace(fact, title=f"{PLANTED['jira']} {fact.title}")]) for fact in SEVERE
    )
    (made,) = gathering.gather([Told(found, again)], window(), NOW, LISTED)
    assert len(made.facts) == len(made.masked) == 2
    assert PLANTED["jira"] not in repr(made)


def test_where_masking_breaks_nothing_is_kept(monkeypatch, caplog):
    """A source that cannot be masked is one that could not be read."""

    def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr(gathering, "mask_harvest", broken)
    (made,) = gathering.gather([Told(harvest("jira", SEVERE), None)], window(), NOW, LISTED)
    assert (made.facts, made.gaps[0].reason) == ((), Cause.BROKEN)


def test_the_log_masks_what_an_error_quotes():
    secret = PLANTED["github"]
    record = logging.LogRecord("bulletin", logging.ERROR, "", 0, "no %s", (secret,), None)
    assert DiscreetFormatter("%(message)s").format(record) == "no [redacted: GitHub token]"
