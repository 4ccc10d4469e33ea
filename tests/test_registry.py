"""Other packages' plugs: found by their entry points, never in the place of ours."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from bulletin import config, registry
from bulletin.errors import SettingsError
from bulletin.pipeline.drafting import policy_of
from bulletin.rendering.bundle import Bundle
from tests.packages import installed

CODE = """
from dataclasses import dataclass
from typing import ClassVar

from bulletin.config import Settings as Table


class Collector:
    class Settings(Table):
        lane: int = 3


class Renderer:
    format = "gopher"


class Publisher:
    class Settings(Table):
        depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: ClassVar = "incident-on-friday"
    kind: ClassVar = "incident"
    needs: ClassVar = ()

    hour: int = 16

    def judge(self, fact, scene):
        return None
"""

ENTRIES = {
    "bulletin.collectors": {"pigeon": "strange:Collector", "github": "strange:Collector"},
    "bulletin.renderers": {"gopher": "strange:Renderer", "html": "strange:Renderer"},
    "bulletin.publishers": {"well": "strange:Publisher", "files": "strange:Publisher"},
    "bulletin.rules": {"incident-on-friday": "strange:Rule", "incident-old": "strange:Rule"},
}

Install = Callable[[Mapping[str, Mapping[str, str]], str], None]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Install a package called `strange` for the time of a test."""
    with ExitStack() as stack:
        yield lambda entries, code: stack.enter_context(
            installed(tmp_path, "strange", code, entries)
        )


@pytest.mark.parametrize(
    ("group", "name", "found"),
    [
        ("source", "pigeon", "Collector"),
        ("format", "gopher", "Renderer"),
        ("publish", "well", "Publisher"),
        ("rules", "incident-on-friday", "Rule"),
    ],
)
def test_another_packages_plug_is_found_by_its_name(
    install: Install, group: str, name: str, found: str
) -> None:
    assert name not in registry.names(group)
    install(ENTRIES, CODE)
    assert name in registry.names(group)
    plug = registry.find(group, name)
    assert (plug.__module__, plug.__name__) == ("strange", found)


@pytest.mark.parametrize(
    ("group", "name"),
    [("source", "github"), ("format", "html"), ("publish", "files"), ("rules", "incident-old")],
)
def test_no_package_can_take_a_name_of_ours(install: Install, group: str, name: str) -> None:
    before = registry.names(group)
    install(ENTRIES, CODE)
    assert registry.find(group, name).__module__.startswith("bulletin.")
    assert len(registry.names(group)) == len(before) + 1


def test_its_settings_are_read_like_ours(install: Install, tmp_path: Path) -> None:
    install(ENTRIES, CODE)
    path = tmp_path / "bulletin.toml"
    path.write_text(
        '[[source]]\nkind = "pigeon"\nlane = 7\n[[publish]]\nkind = "well"\ndepth = 9\n'
        "[rules.incident-on-friday]\nhour = 15\n"
    )
    settings = config.load(path, registry.kinds())
    assert settings.source[0].settings.lane == 7
    assert settings.publish[0].settings.depth == 9
    rules = {rule.id: rule for rule in policy_of(settings, Bundle.read()).rules}
    assert rules["incident-on-friday"] == registry.find("rules", "incident-on-friday")(hour=15)


def test_mistakes_in_its_settings_are_told_like_ours(install: Install, tmp_path: Path) -> None:
    install(ENTRIES, CODE)
    path = tmp_path / "bulletin.toml"
    path.write_text(
        '[[source]]\nkind = "pigeon"\nlanes = 7\n[[publish]]\nkind = "well"\n'
        '[rules.incident-on-friday]\nhour = "tea"\n'
    )
    with pytest.raises(SettingsError) as caught:
        config.load(path, registry.kinds())
    assert [line.strip() for line in caught.value.problem.splitlines()[1:]] == [
        "source 1 (pigeon), lanes: no such setting; did you mean 'lane'?",
        "publish 1 (well), depth: is required",
        (
            "rules.incident-on-friday, hour: input should be a valid integer, "
            "unable to parse string as an integer"
        ),
    ]


BROKEN = {
    "no such module": ("strange_absent:Plug", ""),
    "no such class": ("strange:Absent", ""),
    "an import that is missing": ("strange:Plug", "import strange_absent"),
    "a syntax error": ("strange:Plug", "def ("),
    "a fault while it is imported": ("strange:Plug", "1 / 0"),
    "a message of many lines": ("strange:Plug", "raise RuntimeError('a\\nb\\nc')"),
    "an address that is none": ("strange plug", ""),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("group", ["source", "format", "publish", "rules"])
def test_a_broken_plug_is_told_in_two_lines(install: Install, group: str, case: str) -> None:
    """Whatever a stranger's package does when it is imported, the reader gets no traceback."""
    address, code = BROKEN[case]
    install({registry.GROUPS[group][1]: {"strange": address}}, code)
    with pytest.raises(SettingsError) as caught:
        registry.find(group, "strange")
    problem, hint = str(caught.value).splitlines()
    assert problem.startswith(f"'strange' could not be loaded from {address}: ")
    assert hint == "Reinstall the package that it comes from."


@pytest.mark.parametrize(("group", "table"), [("collectors", "source"), ("publishers", "publish")])
def test_a_plug_without_a_class_of_settings_is_told(
    install: Install, tmp_path: Path, group: str, table: str
) -> None:
    install({f"bulletin.{group}": {"strange": "strange:Plug"}}, "class Plug: pass")
    path = tmp_path / "bulletin.toml"
    path.write_text(f'[[{table}]]\nkind = "strange"\n')
    with pytest.raises(SettingsError, match="'strange' has no class of settings"):
        config.load(path, registry.kinds())


def test_a_name_that_nobody_has_is_told_with_the_nearest(install: Install) -> None:
    with pytest.raises(SettingsError) as caught:
        registry.find("format", "htm")
    assert caught.value.problem == "nothing here is called 'htm'"
    assert caught.value.hint.startswith("Did you mean 'html'? Known: deck, dokuwiki, email, ")


@pytest.mark.parametrize("group", registry.GROUPS)
def test_every_name_of_ours_leads_to_its_plug(group: str) -> None:
    for name in registry.names(group):
        plug = registry.find(group, name)
        own = {"format": "format", "rules": "id"}.get(group)
        assert own is None or getattr(plug, own) == name
