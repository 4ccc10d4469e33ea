"""A whole edition as cron makes it, with one of its three sources behind a fault server."""

import base64
import html
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template

from werkzeug import Request as WsgiRequest
from werkzeug.test import EnvironBuilder

from bulletin import config, demo, pipeline, registry
from bulletin.model.edition import Edition, Item
from bulletin.model.harvest import Harvest
from bulletin.pipeline import drafting, pressing
from bulletin.rendering import deck, paper
from bulletin.rendering.bundle import Bundle
from bulletin.sandbox import github, jira, sentry
from bulletin.sandbox.server import TOKEN, Answer
from bulletin.sandbox.world import STORY, World, load
from bulletin.wire.http import Budget
from tests.faults.server import Honest, Reply, Request, Server

CANARY = "canary-3f9c1e77"
"""The token of the faulted source, in every cell; the sandbox behind it never sees it."""
NOWHERE = "http://localhost:9"
SOURCES = ("github", "jira", "sentry")
SECTIONS = {"github": "pull_request", "jira": "incident", "sentry": "error"}
ANSWERS: dict[str, Answer] = {
    "github": github.answer,
    "jira": jira.answer,
    "sentry": sentry.answer,
}
WEEK = demo.LAST
MOMENT = WEEK.closes(demo.ZONE, demo.CLOSES)
BEFORE = WEEK.shift(-1).closes(demo.ZONE, demo.CLOSES)


@cache
def world() -> World:
    """The demo company."""
    world = load()
    # Its one error that waits for a release would be looked up in every cell.
    errors = tuple(one for one in world.errors if one.short_id != "MOBILE-APP-5W")
    return replace(world, errors=errors)


@cache
def bundle() -> Bundle:
    """The templates."""
    return Bundle.read()


def honest(answer: Answer, moment: datetime) -> Honest:
    """What the sandbox says at that moment, to whoever has the canary."""

    def say(request: Request) -> Reply:
        path, _, query = request.target.partition("?")
        environ = EnvironBuilder(
            path=path,
            query_string=query,
            base_url=f"http://{request.headers['host']}",
            method=request.method,
            headers={**request.headers, "authorization": _sandboxed(request)},
            data=request.body,
        ).get_environ()
        said = answer(WsgiRequest(environ), world(), moment)
        headers = {k: v for k, v in said.headers.items() if k != "Content-Length"}
        return Reply(said.status_code, headers, said.get_data())

    return say


def _sandboxed(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        plain = base64.b64decode(secret).decode().replace(CANARY, TOKEN)
        return f"Basic {base64.b64encode(plain.encode()).decode()}"
    return f"{scheme} {secret.replace(CANARY, TOKEN)}"


@dataclass(slots=True)
class Canned:
    """A healthy source that says again what it said once."""

    source: str
    kinds: tuple[str, ...]
    found: Harvest
    again: Harvest | None

    def collect(self, *_: object) -> Harvest:
        return self.found

    def revisit(self, _: Sequence[Item]) -> Harvest:
        assert self.again is not None, "it was not asked again when it was recorded"
        return self.again


@dataclass(slots=True)
class Recorder:
    """A source that is asked, and whose harvests are kept for the other cells."""

    plug: object
    said: dict[str, Canned]

    def __getattr__(self, name: str) -> object:
        return getattr(self.plug, name)

    def collect(self, *values: object) -> Harvest:
        found = self.plug.collect(*values)
        self.said[self.plug.source] = Canned(self.plug.source, self.plug.kinds, found, None)
        return found

    def revisit(self, items: Sequence[Item]) -> Harvest:
        again = self.said[self.plug.source].again = self.plug.revisit(items)
        return again


@dataclass(frozen=True, slots=True)
class Healthy:
    """Last week's edition on file, and this week as it is when nothing is wrong."""

    folder: Path
    edition: Edition
    said: dict[str, Canned]


@dataclass(slots=True)
class Made:
    """What a cell's run left behind."""

    printed: pipeline.Printed
    pages: dict[str, str]
    """Every page as its reader sees it, by file name: text, on one line."""
    waited: list[float] = field(default_factory=list)
    """The seconds that were slept, or would have been."""

    @property
    def edition(self) -> Edition:
        return self.printed.filed.edition


def settle(
    folder: Path, urls: dict[str, str], adjust: Callable[[str], str] = str
) -> config.Bulletin:
    """Write the demo company's settings with these addresses, and read them."""
    text = Template((STORY / "bulletin.toml.template").read_text(encoding="utf-8")).substitute(
        urls, title="The Black Friday Journal", language="en", variable="FAULTS_TOKEN"
    )
    path = folder / "bulletin.toml"
    path.write_text(adjust(text), encoding="utf-8")
    return config.load(path, registry.kinds())


def prepare(folder: Path, monkeypatch) -> Healthy:
    """File last week's edition, and make this week's once with nothing wrong."""
    monkeypatch.setenv("FAULTS_TOKEN", CANARY)
    _make(folder, BEFORE)
    shutil.copy(folder / "demo.db", folder / "before.db")
    said: dict[str, Canned] = {}
    plain = drafting.build
    monkeypatch.setattr(
        drafting, "build", lambda plugs: [Recorder(one, said) for one in plain(plugs)]
    )
    return Healthy(folder, _make(folder, MOMENT), said)


def _make(folder: Path, moment: datetime) -> Edition:
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(Server(honest(answer, moment))).url
            for name, answer in ANSWERS.items()
        }
        settings = settle(folder, urls)
        made = pipeline.draft(settings, now=moment, bundle=bundle(), render=False)
        return made.filed.edition


def draft(
    healthy: Healthy,
    folder: Path,
    monkeypatch,
    source: str,
    url: str,
    *,
    adjust: Callable[[str], str] = str,
    printed: bool = False,
    formats: Sequence[str] = (),
) -> Made:
    """Draft this week with one source at `url`, while the other two are well.

    The PDFs are laid out, and the printer is left out unless they are to be `printed`. It comes in
    every format, or in the named ones.
    """
    monkeypatch.setenv("FAULTS_TOKEN", CANARY)
    shutil.copy(healthy.folder / "before.db", folder / "demo.db")
    settings = settle(folder, dict.fromkeys(SOURCES, NOWHERE) | {source: url}, adjust)
    plain = drafting.build
    monkeypatch.setattr(
        drafting,
        "build",
        lambda plugs: [
            one if one.source == source else healthy.said[one.source] for one in plain(plugs)
        ],
    )
    waited = sleepless(monkeypatch)
    if not printed:
        for module in (deck, paper):
            monkeypatch.setattr(module, "print_pdf", lambda page, _: page.encode())
    monkeypatch.setattr(
        pressing, "render_all", lambda *given: pipeline.render_all(*given[:3], formats)
    )
    made = pipeline.draft(settings, now=MOMENT, bundle=bundle())
    pages = {one.name: as_read(one.body.decode("utf-8", "replace")) for one in made.artifacts}
    return Made(made, pages, waited)


def sleepless(monkeypatch) -> list[float]:
    """Let every wait take no time but count against its budget; returns the waits."""
    waited: list[float] = []
    plain = Budget.__post_init__

    def without_sleep(budget: Budget) -> None:
        plain(budget)

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            budget.started -= seconds

        budget.sleep = sleep

    monkeypatch.setattr(Budget, "__post_init__", without_sleep)
    return waited


def as_read(page: str) -> str:
    """Return what a reader sees of a page, on one line: no tags, no marks of Markdown."""
    body = re.sub(r"(?s)<style>.*?</style>", "", page)
    text = html.unescape(re.sub(r"<[^>]*>", "", body))
    return " ".join(re.sub(r"[\\*]", "", text).split())


def everything_written(folder: Path, *more: str) -> bytes:
    """Return every byte below the folder, and the texts, for a sweep."""
    files = (path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return b"\n".join([*files, *(text.encode() for text in more)])
