"""How far an edition goes is said in words and in colour, on every page of every face."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from bulletin import registry
from bulletin.archive.codec import file
from bulletin.model.delivery import Mode
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import SHORT
from bulletin.rendering.email.message import subject
from bulletin.specimens import specimen
from tests.menagerie import quiet

BUNDLE = Bundle.read()
SAID = {
    ("en", Mode.PREVIEW): "PREVIEW · a proof: figures may change",
    ("en", Mode.REHEARSAL): "REHEARSAL · a trial of the whole way, for its own recipients only",
    ("en", Mode.LIVE): "Final edition",
    ("fr", Mode.PREVIEW): "ÉPREUVE · avant le bon à tirer, les chiffres peuvent encore changer",
    ("fr", Mode.REHEARSAL): "RÉPÉTITION · un essai de bout en bout, pour ses seuls destinataires",
    ("fr", Mode.LIVE): "Édition définitive",
}
TEXTS = ("index.html", "email.html", "email.txt", "bulletin.md", "speaker.html")
PRINTED = ("deck.pdf", "paper.pdf")
EACH = pytest.mark.parametrize(("language", "mode"), SAID)
AA = 4.5


def edition(mode):
    return file(replace(quiet().edition, mode=mode))


def faces(language, mode, *kinds):
    filed = edition(mode)
    made = (registry.find("format", kind)().render(filed, BUNDLE, language) for kind in kinds)
    return {artifact.name: artifact.body for some in made for artifact in some}


def plain(body):
    """What a person reads of a page in HTML, Markdown or plain text, without marks and breaks."""
    text = body.decode().replace("&middot;", "·").partition("<body")
    bare = re.sub(r"<style.*?</style>|<[^>]*>|[*>]", "", text[2] or text[0], flags=re.DOTALL)
    return " ".join(bare.replace("\u2060", "").replace("[", "").replace("]", " ·").split())


@EACH
def test_every_page_says_how_far_it_goes_and_no_other_mode(language, mode):
    made = faces(language, mode, "html", "email", "markdown", "speaker")
    others = {SAID[language, other] for other in Mode} - {SAID[language, mode]}
    for name in TEXTS:
        text = plain(made[name])
        assert SAID[language, mode] in text.replace("] ", " · "), name
        assert not [other for other in others if other in text], name


@pytest.mark.parametrize(
    ("language", "mode"),
    [("en", Mode.PREVIEW), ("fr", Mode.REHEARSAL), ("fr", Mode.LIVE)],
)
def test_every_slide_and_every_sheet_says_so(language, mode):
    made = faces(language, mode, "deck", "paper")
    for name in PRINTED:
        pages = pypdf.PdfReader(io.BytesIO(made[name])).pages
        silent = [
            number
            for number, page in enumerate(pages, 1)
            if SAID[language, mode] not in " ".join(page.extract_text().split())
        ]
        assert (len(pages) > 0, silent) == (True, []), name


@pytest.mark.parametrize(
    ("language", "mode", "begins"),
    [
        ("en", Mode.PREVIEW, "[PREVIEW] "),
        ("en", Mode.REHEARSAL, "[REHEARSAL] "),
        ("fr", Mode.PREVIEW, "[ÉPREUVE] "),
        ("fr", Mode.REHEARSAL, "[RÉPÉTITION] "),
    ],
)
def test_the_subject_bears_the_stamp_unless_it_is_live(language, mode, begins):
    live = subject(edition(Mode.LIVE), BUNDLE, language)
    assert subject(edition(mode), BUNDLE, language) == begins + live
    assert not live.startswith("[")


def test_a_title_cannot_pass_for_a_stamp():
    """`[` stands in no configured title of a subject."""
    posing = file(replace(edition(Mode.LIVE).edition, title="[REHEARSAL] Journal"))
    assert "[" not in subject(posing, BUNDLE, "en")


@pytest.mark.parametrize("mode", Mode)
def test_the_fullest_mail_stays_short_with_its_band(mode):
    made = registry.find("format", "email")().render(
        specimen("full", BUNDLE, mode=mode), BUNDLE, "fr"
    )
    assert len(made[0].body) <= SHORT


def test_a_live_edition_made_of_a_draft_is_no_correction():
    """Its revision counts the draft; what it corrects is another live edition, if any."""
    live = file(replace(edition(Mode.LIVE).edition, revision=4, corrects=None))
    corrected = file(replace(live.edition, corrects="c" * 64))
    for filed, said in ((live, False), (corrected, True)):
        (page,) = registry.find("format", "html")().render(filed, BUNDLE, "en")
        assert (b"Corrected" in page.body) is said


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(c * weight for c, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_bands_can_be_read_and_told_apart_without_colour():
    style = (
        Path("templates/style/mode.css").read_text(encoding="utf-8").replace("#fff;", "#ffffff;")
    )
    bands = re.findall(r"background: (#\w{6}); color: (#\w{6})", style)
    assert len(bands) == 2
    assert all(contrast(*band) >= AA for band in bands)
    (proof, _), (rehearsal, _) = bands
    assert contrast(proof, rehearsal) >= AA
    assert contrast("#f4b942", "#ffffff") < AA, "the measure itself tells"
