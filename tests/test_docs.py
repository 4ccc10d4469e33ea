"""The pages about settings, rules and extension: written from the code, or run as code.

`BULLETIN_UPDATE=1 pytest tests/test_docs.py` writes docs/settings.md and docs/rules.md anew.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from bulletin import config, pipeline, registry
from bulletin.cli import main
from bulletin.config import Bulletin, Monitor, Schedule, Season, Secret, Settings, Team
from bulletin.editing.desk import edit
from bulletin.example import read_example
from bulletin.model.delivery import Artifact, Delivery, Fate, Mode
from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.harvest import Cause, Harvest, State
from bulletin.pipeline.drafting import policy_of
from bulletin.publishing import Issue
from bulletin.rendering.bundle import Bundle
from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World
from tests.builders import NOW, WEEK, closing, filed, policy, window
from tests.packages import installed
from tests.reference import nested, plugs, rows, write_rules, write_settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text("utf-8")
EXTENDING = (DOCS / "extending.md").read_text("utf-8")
EXAMPLE = ROOT / "bulletin.example.toml"
COMMENTED = re.compile(r"^#(?=\S)")
PLUGS = [
    *plugs(),
    *(("rules", name, registry.find("rules", name)) for name in registry.RULES),
]


@pytest.mark.parametrize(
    ("name", "write"), [("settings.md", write_settings), ("rules.md", write_rules)]
)
def test_the_reference_says_what_the_code_does(name: str, write: Callable[[], str]) -> None:
    path = DOCS / name
    if os.environ.get("BULLETIN_UPDATE"):
        path.write_text(write(), encoding="utf-8")
    assert path.read_text("utf-8") == write(), f"BULLETIN_UPDATE=1 rewrites {path}"


def shapes() -> Iterator[tuple[str, type]]:
    """Yield every class of settings with its heading in docs/settings.md or docs/rules.md."""
    yield "The whole bulletin", Bulletin
    yield "`[season]`", Season
    yield "`[teams.<name>]`", Team
    yield "`[monitor]`", Monitor
    yield "`[schedule]`", Schedule
    yield "Secrets", Secret
    for table, kind, shape in PLUGS:
        yield (kind if table == "rules" else f"`[[{table}]]` of kind `{kind}`"), shape
        for name, inner in nested(shape):
            yield f"`{name}` of kind `{kind}`", inner


SHAPES = [*shapes()]


@pytest.mark.parametrize(("title", "shape"), SHAPES, ids=[title for title, _ in SHAPES])
def test_every_setting_is_named_and_explained(title: str, shape: type) -> None:
    """A setting whose field has no docstring below it fails here."""
    pages = (DOCS / "settings.md").read_text("utf-8") + (DOCS / "rules.md").read_text("utf-8")
    section = pages.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    assert section
    for row in rows(shape):
        assert row.meaning, f"{shape.__name__}.{row.name} has no docstring"
        named = f"| `{row.name}` |" in section
        assert named or (shape is Bulletin and f"[{row.name}" in pages.replace("[[", "["))


def test_the_example_is_what_init_writes_and_loads_without_a_mistake() -> None:
    assert read_example() == EXAMPLE.read_text("utf-8")
    settings = config.load(EXAMPLE, registry.kinds())
    assert {plug.kind for plug in settings.source} == {*registry.COLLECTORS}
    assert [plug.kind for plug in settings.publish] == ["files"]
    assert settings.teams


def test_the_examples_rules_and_settings_are_the_defaults() -> None:
    """What stands there uncommented, besides sources and teams, changes nothing."""
    settings = config.load(EXAMPLE, registry.kinds())
    assert {rule.id: rule for rule in settings.rules.values()} == {
        name: registry.find("rules", name)() for name in registry.names("rules")
    }
    for name in ("title", "language", "zone", "meeting", "tone", "room"):
        assert getattr(settings, name) == Bulletin.model_fields[name].default


def blocks() -> Iterator[tuple[str, str, str]]:
    """Yield the example's tables: which of four, which of its kinds, and the text. A channel's
    whole table may be commented out.
    """
    for block in re.split(r"(?m)^(?=#?\[)", EXAMPLE.read_text("utf-8")):
        head = block.partition("\n")[0].removeprefix("#")
        if kind := re.search(r'^#?kind = "(.+)"', block, re.MULTILINE):
            yield head.strip("[]"), kind[1], block
        elif head.startswith("["):
            group, _, name = head.strip("[]").partition(".")
            yield group, name, block
        else:
            yield "", "", block


def uncommented_lines(text: str) -> list[str]:
    return [COMMENTED.sub("", line) for line in text.splitlines()]


def uncommented(text: str) -> dict[str, Any]:
    return tomllib.loads("\n".join(uncommented_lines(text)))


@pytest.mark.parametrize(("table", "kind", "shape"), PLUGS, ids=[name for _, name, _ in PLUGS])
def test_the_example_names_every_setting_of_a_plug(table: str, kind: str, shape: type) -> None:
    named: set[str] = set()
    for text in [text for group, name, text in blocks() if (group, name) == (table, kind)]:
        given = uncommented(text)
        named |= set(given["rules"][kind] if table == "rules" else given[table][0])
    assert named - {"kind", "name", "enabled"} == {row.name for row in rows(shape)}


def test_the_example_names_every_setting_of_the_whole_and_of_a_team() -> None:
    texts = {(group, name): text for group, name, text in blocks()}
    groups = {group for group, _ in texts if group}
    assert set(uncommented(texts["", ""])) | groups == {row.name for row in rows(Bulletin)}
    season = uncommented(texts["", ""])["season"]
    assert set(season) == {row.name for row in rows(Season)}
    for name, shape in (("monitor", Monitor), ("schedule", Schedule)):
        assert set(uncommented(texts[name, ""])[name]) == {row.name for row in rows(shape)}
    team = uncommented(texts["teams", "checkout"])["teams"]["checkout"]
    assert set(team) == {row.name for row in rows(Team)}


def test_every_line_of_the_example_that_is_commented_out_may_be_taken_in(tmp_path: Path) -> None:
    """One at a time, since some of them exclude each other, as `token` and `app` do; what is
    commented out with its whole table, with that.
    """
    text = EXAMPLE.read_text("utf-8")
    for table in re.findall(r"(?m)^#\[\[publish\]\]\n(?:#\S.*\n)+", text):
        path = tmp_path / "bulletin.toml"
        path.write_text(text.replace(table, "\n".join(uncommented_lines(table))))
        config.load(path, registry.kinds())
        text = text.replace(table, "")
    lines = text.splitlines()
    commented = [number for number, line in enumerate(lines) if COMMENTED.match(line)]
    assert len(commented) > 40
    path = tmp_path / "bulletin.toml"
    for number in commented:
        text = [*lines[:number], COMMENTED.sub("", lines[number]), *lines[number + 1 :]]
        if lines[number].startswith("#app ="):
            text = [line for line in text if not line.startswith('token = { env = "GITHUB')]
        path.write_text("\n".join(text), encoding="utf-8")
        config.load(path, registry.kinds())


def test_what_the_example_calls_a_default_is_the_default(tmp_path: Path) -> None:
    """All rules taken in at once are the rules as they are."""
    texts = [text for group, _, text in blocks() if group == "rules"]
    path = tmp_path / "bulletin.toml"
    taken = [COMMENTED.sub("", line) for text in texts for line in text.splitlines()]
    path.write_text("\n".join(line for line in taken if not line.startswith("enabled")))
    settings = config.load(path, registry.kinds())
    for name in registry.names("rules"):
        assert settings.rules[name] == registry.find("rules", name)()


def test_the_example_holds_no_secret() -> None:
    for plug in config.load(EXAMPLE, registry.kinds()).source:
        assert isinstance(plug.settings, Settings)
        assert re.fullmatch(r"[A-Z]+_TOKEN", plug.settings.token.env)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_the_readme_mentions_every_command(command: str) -> None:
    assert f"`bulletin {command}" in README


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_every_page_is_found_from_the_readme(page: Path) -> None:
    assert f"]({page.relative_to(ROOT)})" in README


@pytest.mark.parametrize("page", ["README.md", "docs/extending.md", "docs/settings.md"])
def test_links_to_files_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def parse_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", EXTENDING, re.DOTALL)


@pytest.fixture
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package that docs/extending.md describes, installed as it stands there."""
    project = tomllib.loads(parse_blocks("toml")[0])["project"]["entry-points"]
    code = "\n\n".join(parse_blocks("python"))
    with installed(tmp_path_factory.mktemp("package"), "acme_bulletin", code, project):
        yield


ROWS = [
    {
        "id": 7,
        "title": "Checkout\u202e down",
        "opened": "2026-11-18T09:00:00+01:00",
        "closed": None,
        "woke_somebody": True,
        "services": ["search", "basket", "payment"],
    },
    {
        "id": 8,
        "title": "A slow page",
        "opened": "2026-11-18T10:00:00+01:00",
        "closed": None,
        "woke_somebody": False,
        "services": [],
    },
]


def pager(rows: list[Any]) -> Service:
    """Return a pager with these incidents, which answers a good token alone."""

    def answer(request: Request, *_: object) -> Response:
        if request.headers.get("Authorization") != "Bearer right":
            return Response("who are you?", 401)
        wanted = request.args.getlist("id")
        found = [row for row in rows if not wanted or str(row.get("id")) in wanted]
        return Response(json.dumps(found), content_type="application/json")

    return Service("pager", answer, World(), NOW)


@pytest.fixture
def collect(
    package: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Any, Harvest]]:
    """Collect through the settings that the page shows."""

    def collect(service: Service, given: str = "right") -> tuple[Any, Harvest]:
        monkeypatch.setenv("PAGER_TOKEN", given)
        text = parse_blocks("toml")[1].replace("https://pager.acme.example", service.url)
        (tmp_path / "bulletin.toml").write_text(text, encoding="utf-8")
        settings = config.load(tmp_path / "bulletin.toml", registry.kinds())
        (collector,) = pipeline.build(settings.source)
        return collector, collector.collect(window(), NOW)

    return collect


def judged(harvest: Harvest, past: list[Edition]) -> Edition:
    """Edit a week with every rule there is, the page's among them."""
    rules = tuple(registry.find("rules", name)() for name in registry.names("rules"))
    week = WEEK if past else WEEK.shift(-1)
    return edit(
        week=week,
        window=window(week),
        as_of=closing(week),
        harvests=[harvest],
        past=[filed(one) for one in past],
        policy=policy(rules=rules),
    )


def test_the_collector_of_the_page_brings_facts_that_the_rule_of_the_page_flags(
    collect: Callable[..., tuple[Any, Harvest]],
) -> None:
    with pager(ROWS) as service:
        collector, harvest = collect(service)
        assert [check.ok for check in collector.check()] == [True]
    assert [fact.title for fact in harvest.facts] == ["Checkout down", "A slow page"]
    assert (harvest.coverage.state, harvest.coverage.requests) == (State.KNOWN, 1)
    (item,) = judged(harvest, []).items
    assert str(item.key) == "pager:incident:7"
    assert {reason.rule for reason in item.reasons} == {"incident-severe", "incident-far-reaching"}


def test_the_collector_of_the_page_says_what_became_of_an_item(
    collect: Callable[..., tuple[Any, Harvest]],
) -> None:
    with pager(ROWS) as service:
        _, harvest = collect(service)
    before = judged(harvest, [])
    ended = [ROWS[0] | {"closed": "2026-11-19T08:00:00+01:00"}]
    assert fate(collect, ended, before) is ItemState.FIXED
    assert fate(collect, ROWS[1:], before) is ItemState.DROPPED
    assert fate(collect, [{"id": "7"}], before) is ItemState.UNKNOWN


def fate(
    collect: Callable[..., tuple[Any, Harvest]], rows: list[Any], before: Edition
) -> ItemState:
    """Return what becomes of last week's item where the pager now holds these rows."""
    (item,) = before.items
    with pager(rows) as service:
        collector, _ = collect(service)
        again = collector.revisit(before.items)
    found: list[Item] = [one for one in judged(again, [before]).items if one.key == item.key]
    return found[0].state


def test_the_collector_of_the_page_tells_what_it_could_not_learn(
    collect: Callable[..., tuple[Any, Harvest]],
) -> None:
    with pager(ROWS) as service:
        collector, refused = collect(service, "wrong")
        (check,) = collector.check()
    assert (refused.gaps[0].reason, refused.coverage.state) == (Cause.REFUSED, State.UNKNOWN)
    assert not check.ok
    assert check.hint
    assert "wrong" not in repr(refused) + repr(check)
    with pager([*ROWS, {"id": "nine"}]) as service:
        _, part = collect(service)
    assert (part.gaps[0].reason, part.gaps[0].seen, part.gaps[0].expected) == (
        Cause.CHANGED_SHAPE, 2, 3,
    )  # fmt: skip
    assert part.coverage.state is State.PARTIAL


def test_the_rule_of_the_page_has_its_settings(package: None, tmp_path: Path) -> None:
    path = tmp_path / "bulletin.toml"
    path.write_text("[rules.incident-far-reaching]\nservices = 5\n")
    used = policy_of(config.load(path, registry.kinds()), Bundle.read()).rules
    assert [getattr(rule, "services", None) for rule in used].count(5) == 1


def test_the_renderer_and_the_publisher_of_the_page_do_their_work_twice_alike(
    package: None, collect: Callable[..., tuple[Any, Harvest]], tmp_path: Path
) -> None:
    with pager(ROWS) as service:
        _, harvest = collect(service)
    printed = filed(judged(harvest, []))
    bundle = Bundle.read()
    artifacts, failures = pipeline.render_all(printed, bundle, "en", formats=("teletype", "email"))
    assert not failures
    (page,) = [artifact for artifact in artifacts if artifact.name == "teletype.txt"]
    assert page.body.decode().splitlines()[0] == "2026-W46 1 OPEN"
    words = next(artifact for artifact in artifacts if artifact.name == "email.txt")
    assert b"incident-far-reaching" in words.body

    text = f'[[publish]]\nkind = "spool"\nfolder = "{tmp_path.as_posix()}"\n'
    (tmp_path / "bulletin.toml").write_text(text)
    settings = config.load(tmp_path / "bulletin.toml", registry.kinds())
    (plug,) = settings.publish
    made = registry.find("publish", "spool").from_settings(plug.settings, plug.name, settings)
    mail = Artifact(name="email.eml", media_type="message/rfc822", body=b"Subject: 1\r\n")
    live = filed(replace(printed.edition, mode=Mode.LIVE))
    issue = Issue(filed=live, language="en", artifacts=(mail,), shelf=lambda _: ())
    assert made.pack(replace(issue, filed=printed)) == ()
    (parcel,) = made.pack(issue)
    delivery = Delivery(
        edition=live.digest,
        week="2026-W46",
        mode=Mode.LIVE,
        channel="spool",
        kind="spool",
        parcel=parcel,
    )
    receipts = [made.deliver(delivery, issue, lambda: None) for _ in range(2)]
    assert [receipt.fate for receipt in receipts] == [Fate.DELIVERED, Fate.ALREADY_THERE]
    assert (tmp_path / f"{live.digest}.eml").read_bytes() == mail.body
    assert made.check() == f"{tmp_path} is there"
