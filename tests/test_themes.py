"""A theme from the settings to the archive, and the one that the documentation shows."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bulletin import checking, config, pipeline, reading, registry
from bulletin.cli import main
from bulletin.demo import CLOSES, LAST, ZONE
from bulletin.errors import SettingsError
from bulletin.pipeline import render_all
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.proof import proofread
from bulletin.rendering.words import read_catalogue
from bulletin.sandbox.company import Company, open_company
from bulletin.sandbox.world import load
from tests.menagerie import EDITIONS
from tests.rendering.themes import written

DOCS = Path(__file__).resolve().parents[1] / "docs"
NIGHT = DOCS / "examples" / "theme-night"
PAGE = (DOCS / "themes.md").read_text("utf-8")


@pytest.fixture(scope="module")
def company():
    with open_company(load(), LAST.closes(ZONE, CLOSES)) as opened:
        yield opened


@pytest.fixture
def desk(company: Company, tmp_path: Path, monkeypatch) -> Path:
    """Return a folder with settings that work, and a theme beside them."""
    for name, secret in company.environment.items():
        monkeypatch.setenv(name, secret)
    text = 'theme = "mine"\n' + company.settings("The Journal", "en")
    (tmp_path / "bulletin.toml").write_text(text.replace("demo.db", "journal.db"))
    written(tmp_path / "mine", {"style/theme.css": ".name { letter-spacing: 7px }"})
    return tmp_path


def settings(desk: Path) -> config.Bulletin:
    return config.load(desk / "bulletin.toml", registry.kinds())


def draft(desk: Path, *, render: bool = True) -> pipeline.Printed:
    closed = LAST.closes(ZONE, CLOSES)
    return pipeline.draft(settings(desk), week=LAST, now=closed, render=render)


def test_the_folder_stands_beside_the_settings_wherever_cron_starts(desk, monkeypatch):
    monkeypatch.chdir("/")
    assert settings(desk).theme == desk / "mine"
    (desk / "bulletin.toml").write_text(f'theme = "{NIGHT}"\n')
    assert settings(desk).theme == NIGHT
    (desk / "bulletin.toml").write_text("")
    assert settings(desk).theme is None


def test_an_edition_is_verified_when_its_theme_is_gone(desk):
    shutil.copytree(NIGHT, desk / "mine", dirs_exist_ok=True)
    printed = draft(desk)
    assert not printed.failures
    page, text = ((printed.folder / name).read_bytes() for name in ("index.html", "email.txt"))
    assert b"data:image/svg+xml;base64," in page
    assert "Put to bed by the night desk" in (printed.folder.parent / "feed.xml").read_text()
    shutil.rmtree(desk / "mine")
    _, comparisons = reading.verify(settings(desk), LAST)
    assert len(comparisons) == 9
    assert all(comparison.same for comparison in comparisons)
    assert reading.page(settings(desk), LAST, "email.txt") == text


def test_another_theme_is_another_edition(desk):
    one = draft(desk, render=False).filed
    again = draft(desk, render=False).filed
    (desk / "mine/style/theme.css").write_text(".name { letter-spacing: 8px }")
    other = draft(desk, render=False).filed
    assert again.digest == one.digest != other.digest
    assert (other.edition.revision, other.edition.corrects) == (2, one.digest)


def test_a_theme_that_cannot_be_used_stops_the_draft_before_anybody_is_asked(desk):
    written(desk / "mine", {"html/jurnal.html": ""})
    with pytest.raises(SettingsError, match="did you mean"):
        draft(desk)
    assert not (desk / "journal.db").exists()


def checked(desk: Path) -> list[dict[str, object]]:
    (desk / "bulletin.toml").write_text('theme = "mine"\n')
    told = CliRunner().invoke(main, ["--config", str(desk / "bulletin.toml"), "check", "--json"])
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    return [line for line in lines if line["where"] == "theme"]


def test_check_says_that_the_theme_is_sound(desk, monkeypatch):
    written(desk / "mine", {"style/web.css": "p {}", "logo.svg": (NIGHT / "logo.svg").read_bytes()})
    (line,) = checked(desk)
    assert (line["ok"], line["detail"]) == (True, "3 files replace ours")
    (desk / "mine/style/web.css").unlink()
    (desk / "mine/logo.svg").unlink()
    monkeypatch.setattr(checking, "print_pdf", lambda *_: b"")
    monkeypatch.setattr(checking, "render_all", lambda *_: ((), ()))
    (line,) = checked(desk)
    assert (line["ok"], line["detail"]) == (True, "1 file replaces ours")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("html/jurnal.html", "", "did you mean 'html/journal.html'?"),
        ("html/index.html", "\n{% if %}", "html/index.html, line 2: Expected an expression"),
        ("html/index.html", "\n{{ edtion }}", "html/index.html, line 2: there is no 'edtion'"),
        ("style/theme.css", "p { colour: red }", "colour"),
    ],
)
def test_check_says_where_the_theme_is_wrong(desk, path, body, said):
    written(desk / "mine", {path: body})
    lines = checked(desk)
    assert lines
    assert not any(line["ok"] for line in lines)
    assert any(said in str(line["detail"]) for line in lines)
    assert all(line["hint"] for line in lines)


def test_the_theme_of_the_documentation_stands_there_whole():
    shown = dict(re.findall(r"`theme-night/([\w./]+)`[^\n]*\n\n```\w*\n(.*?)```", PAGE, re.DOTALL))
    there = {p.relative_to(NIGHT).as_posix(): p for p in NIGHT.rglob("*") if p.is_file()}
    assert set(shown) == set(there) - {"logo.svg", "archive/feed.xml"}
    assert all(there[path].read_text("utf-8") == text for path, text in shown.items())


@pytest.mark.parametrize("language", ["en", pytest.param("fr", marks=pytest.mark.nightly)])
def test_the_theme_of_the_documentation_prints_every_format(language):
    night, ours, filed = Bundle.read(theme=NIGHT), Bundle.read(), EDITIONS["everything"]()
    assert list(proofread(night)) == []
    artifacts, failures = render_all(filed, night, language)
    plain, _ = render_all(filed, ours, language)
    assert not failures
    now = {artifact.name: artifact.body for artifact in artifacts}
    then = {artifact.name: artifact.body for artifact in plain}
    assert now.keys() == then.keys()
    assert {name for name in now if now[name] == then[name]} == {"edition.json"}
    own = read_catalogue(night, language).sentence("title.gaps")
    assert own != read_catalogue(ours, language).sentence("title.gaps")
    for name in ("index.html", "email.html", "bulletin.md"):
        assert own in now[name].decode()
    assert b"#1d2f5f" in now["email.html"]
    feed = render_back_issues([filed], night, language, 0)[1]
    desk = {"en": "Put to bed by the night desk", "fr": "Bouclé par l’équipe de nuit"}
    assert f"<rights>{desk[language]}</rights>" in feed.body.decode()
    mottos = {line["id"]: line["text"] for line in night.voice(language)["motto"]}
    assert mottos["motto-night"] in {"Printed while you slept", "Imprimé pendant votre sommeil"}
    assert "motto-weather" not in mottos
