"""A folder of the user's own, laid over ours."""

import os

import pytest

from bulletin.errors import SettingsError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.theme import FILES, SIZE
from tests.menagerie import EDITIONS
from tests.rendering.themes import bundle, theme, written

OURS = Bundle.read()
FONT = OURS.files["fonts/libre-franklin-latin-400-normal.woff2"]


def refused(folder):
    with pytest.raises(SettingsError) as caught:
        Bundle.read(theme=folder)
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


def test_a_file_of_the_theme_stands_instead_of_ours_and_all_others_stay(tmp_path):
    mixed = bundle(tmp_path, html__index_html="mine")
    assert mixed.files["html/index.html"] == b"mine"
    assert mixed.origins == {"html/index.html": str(tmp_path / "html/index.html")}
    others = {path: body for path, body in mixed.files.items() if path != "html/index.html"}
    assert others == {path: OURS.files[path] for path in others}
    assert len(mixed.files) == len(OURS.files)


def test_the_theme_is_part_of_the_digest_and_where_it_lies_is_not(tmp_path):
    here = bundle(tmp_path / "here", style__theme_css="p { color: red }")
    there = bundle(tmp_path / "there", style__theme_css="p { color: red }")
    other = bundle(tmp_path / "other", style__theme_css="p { color: blue }")
    assert here == there
    assert len({OURS.digest, here.digest, other.digest}) == 3
    assert Bundle.loads(here.dumps()) == here


def test_an_empty_theme_changes_nothing(tmp_path):
    written(tmp_path, {"README.md": "Ours.", "fonts/LICENSE.txt": "OFL", ".git/config": "x"})
    assert Bundle.read(theme=tmp_path) == OURS


def test_a_style_of_the_theme_comes_after_every_one_of_ours(tmp_path):
    mine = bundle(tmp_path, style__theme_css=".name { letter-spacing: 7px }")
    (page,) = HtmlRenderer().render(EDITIONS["everything"](), mine, "en")
    style = page.body.decode().partition("</style>")[0]
    assert style.rstrip().endswith(".name { letter-spacing: 7px }")
    html, *_ = EmailRenderer().render(EDITIONS["everything"](), mine, "en")
    assert b"letter-spacing:7px" in html.body.replace(b": ", b":")


def test_a_font_of_the_theme_is_taken_where_a_style_names_it(tmp_path):
    style = '@font-face { font-family: "M"; src: url("{{ asset("fonts/mine.woff2") }}"); }'
    mine = bundle(tmp_path, style__theme_css=style, fonts__mine_woff2=FONT)
    (page,) = HtmlRenderer().render(EDITIONS["quiet"](), mine, "en")
    (ours,) = HtmlRenderer().render(EDITIONS["quiet"](), Bundle.read(), "en")
    fonts = b"data:font/woff2;base64,"
    assert page.body.count(fonts) == ours.body.count(fonts) + 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("styel/theme.css", "did you mean 'style/theme.css'?"),
        ("html/jurnal.html", "did you mean 'html/journal.html'?"),
        ("locale/enn.po", "did you mean 'locale/en.po'?"),
        ("Logo.svg", "did you mean 'logo.svg'?"),
        ("holiday.jpeg", "it overrides none"),
        ("fonts/mine.woff2", "no template of the theme names it"),
    ],
)
def test_a_file_that_overrides_nothing_is_refused(tmp_path, path, said):
    told = refused(written(tmp_path, {path: FONT}))
    assert str(tmp_path / path) in told
    assert said in told


def test_a_font_that_is_none_and_a_text_that_is_not_utf_8(tmp_path):
    font = written(tmp_path / "a", {"fonts/libre-franklin-latin-400-normal.woff2": b"OTTO"})
    assert "WOFF2" in refused(font)
    assert "UTF-8" in refused(theme(tmp_path / "b", style__theme_css=b"\xff\xfe"))


@pytest.mark.parametrize(
    "style",
    [
        "p { background: url(https://evil.example/a.png) }",
        "p { background: url( '//evil.example/a.png') }",
        "@import 'other.css';",
        "</style><script>alert(1)</script>",
    ],
)
def test_a_style_loads_nothing_from_elsewhere(tmp_path, style):
    told = refused(theme(tmp_path, style__theme_css=f"\n{style}\n"))
    assert f"{tmp_path / 'style/theme.css'}, line 2" in told


def test_a_theme_that_is_not_there(tmp_path):
    told = refused(tmp_path / "nowhere")
    assert told.startswith(f"there is no theme at {tmp_path / 'nowhere'}")


def test_links_that_leave_the_folder(tmp_path):
    (tmp_path / "secret").write_text("p {}")
    folder = theme(tmp_path / "theme", style__web_css="p {}")
    (folder / "style/theme.css").symlink_to(folder / "style/web.css")
    assert Bundle.read(theme=folder).files["style/theme.css"] == b"p {}"
    (folder / "style/theme.css").unlink()
    (folder / "style/theme.css").symlink_to(tmp_path / "secret")
    assert "leads out" in refused(folder)
    (folder / "style/theme.css").unlink()
    (folder / "style/theme.css").symlink_to(folder / "gone")
    assert "leads out" in refused(folder)
    (folder / "style/theme.css").unlink()
    (folder / "html").symlink_to(tmp_path, target_is_directory=True)
    assert "leads out" in refused(folder)


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "logo.svg")
    assert "nowhere" in refused(tmp_path)


def test_too_large_and_too_many(tmp_path):
    large = theme(tmp_path / "large", style__theme_css=b" " * (SIZE + 1))
    assert f"{SIZE:,}" in refused(large)
    many = written(tmp_path / "many", {f"{n}.css": "" for n in range(FILES + 1)})
    assert f"more than {FILES} files" in refused(many)


@pytest.mark.skipif(not os.geteuid(), reason="root reads everything")
def test_what_may_not_be_read(tmp_path):
    folder = theme(tmp_path, style__theme_css="p {}")
    (folder / "style/theme.css").chmod(0)
    assert "Permission denied" in refused(folder)
    (folder / "style").chmod(0)
    assert "Permission denied" in refused(folder)
    (folder / "style").chmod(0o700)
