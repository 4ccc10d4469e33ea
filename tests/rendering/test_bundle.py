import subprocess
import sys

import pytest

from bulletin.errors import BulletinError
from bulletin.rendering.bundle import Bundle

BUNDLE = Bundle.read()


def test_the_digest_does_not_depend_on_the_order_of_files():
    assert Bundle.of({"a": b"1", "b": b"2"}).digest == Bundle.of({"b": b"2", "a": b"1"}).digest


@pytest.mark.parametrize("other", [{"a": b"2"}, {"b": b"1"}, {"a": b"1", "b": b""}, {}])
def test_another_path_or_content_is_another_digest(other):
    assert Bundle.of(other).digest != Bundle.of({"a": b"1"}).digest


def test_paths_and_contents_are_not_confused():
    assert Bundle.of({"ab": b"c"}).digest != Bundle.of({"a": b"bc"}).digest


def test_what_was_dumped_is_loaded_and_dumps_alike():
    again = Bundle.loads(BUNDLE.dumps())
    assert again == BUNDLE
    assert dict(again.files) == dict(BUNDLE.files)
    assert again.dumps() == BUNDLE.dumps()


@pytest.mark.parametrize("body", [b"", b"nonsense", BUNDLE.dumps()[:-9]])
def test_damaged_bytes_are_refused(body):
    with pytest.raises(BulletinError, match="damaged"):
        Bundle.loads(body)


def test_a_bundle_cannot_be_changed():
    with pytest.raises(TypeError):
        BUNDLE.files["x"] = b""


def test_hidden_files_and_backups_are_left_out(tmp_path):
    for name in ("page.html", ".page.html.swp", "page.html~", "sub/deep.css"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    assert tuple(Bundle.read(tmp_path).files) == ("page.html", "sub/deep.css")


def test_no_templates_is_said_in_words(tmp_path):
    with pytest.raises(BulletinError, match="templates are not there"):
        Bundle.read(tmp_path / "nowhere")
    with pytest.raises(BulletinError, match=r"no file x\.html"):
        BUNDLE.text("x.html")


def test_there_is_no_python_among_the_templates():
    assert not [path for path in BUNDLE.files if path.endswith((".py", ".pyc"))]


def test_the_fonts_are_small_and_come_with_their_licences():
    fonts = {path: body for path, body in BUNDLE.files.items() if path.startswith("fonts/")}
    assert sum(map(len, fonts.values())) < 600_000
    for path in fonts:
        if path.endswith(".woff2"):
            family = path.removeprefix("fonts/").split("-latin-")[0]
            assert b"SIL OPEN FONT LICENSE" in fonts[f"fonts/{family}-LICENSE.txt"]


def test_the_digest_is_the_same_in_another_process():
    """The digest stands in every edition; a hash seed must not reach it."""
    program = "from bulletin.rendering.bundle import Bundle; print(Bundle.read().digest)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd="/"
    )
    assert told.stdout.strip() == BUNDLE.digest


def test_voices_have_the_same_lines_in_every_language():
    lines = BUNDLE.voice_lines()
    assert len(lines) >= 8
    for language in BUNDLE.languages:
        voice = BUNDLE.voice(language)
        assert {s: [(x["id"], x["tone"]) for x in voice[s]] for s in voice} == {
            s: [(x.id, x.tone) for x in lines[s]] for s in lines
        }
