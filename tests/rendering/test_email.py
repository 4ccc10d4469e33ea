import io
import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bulletin.archive.codec import file
from bulletin.errors import BulletinError
from bulletin.model.delivery import Mode
from bulletin.model.front import Headline, Picture, Question, Sentence, Service, Sky
from bulletin.rendering import email
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts.ink import frame, letters
from bulletin.rendering.email import LIMIT, EmailRenderer, plain
from bulletin.rendering.email.message import compose, subject
from bulletin.rendering.email.pictures import Pictures, print_png, viewable
from tests.menagerie import EDITIONS, HOSTILE, everything

BUNDLE = Bundle.read()
HEADERS = [
    "Subject",
    "Date",
    "Message-ID",
    "X-Unsent",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


def parsed(name, language):
    html, text, eml = EmailRenderer().render(EDITIONS[name](), BUNDLE, language)
    return html, text, message_from_bytes(eml.body, policy=policy.SMTP), eml.body


def attached(message):
    """The pictures of a message, by name."""
    named = [part for part in message.walk() if part["Content-ID"]]
    return {part["Content-ID"].strip("<>"): part.get_content() for part in named}


def furnished():
    """One of everything, with a picture and a question, served on the web."""
    full = everything().edition
    picture = Picture(
        key=None,
        title="",
        days=(None,) * 14 + (5, 8, 6, 7, 9, 6, 5, 7, 8, 6, 30, 7, 6, 2),
        until=date(2026, 11, 19),
        so_far=True,
        marked=24,
    )
    asks = Sentence(pattern="question.unowned", words={"title": "Stock counted twice"})
    services = (Service(name="search", sky=Sky.STORM, incidents=1, errors=2),)
    return file(
        replace(
            full,
            picture=picture,
            questions=(Question(asks=asks),) * 3,
            services=services,
            web="https://journal.example/bulletin",
        )
    )


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_draft_holds_both_parts_and_only_our_headers(name, language):
    html, text, message, raw = parsed(name, language)
    assert message.keys() == HEADERS
    assert message.get_content_type() == "multipart/alternative"
    plain, related = message.iter_parts()
    assert related.get_content_type() == "multipart/related"
    rich, *pictures = related.iter_parts()
    assert plain.get_content().replace("\r\n", "\n").encode() == text.body
    assert rich.get_content().replace("\r\n", "\n").encode() == html.body
    assert {part.get_content_type() for part in pictures} == {"image/png"}
    assert {part.get_content_disposition() for part in pictures} == {"inline"}
    assert message.get_boundary() not in related.get_boundary()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\x00" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_every_picture_that_is_shown_lies_in_the_draft_and_is_small(language):
    html, _, eml = EmailRenderer().render(furnished(), BUNDLE, language)
    pictures = attached(message_from_bytes(eml.body, policy=policy.SMTP))
    shown = re.findall(r'src="cid:([^"]+)"', html.body.decode())
    assert set(shown) == set(pictures)
    assert {name.split(".")[0] for name in shown} >= {"nameplate", "picture", "sky-storm"}
    assert all(body.startswith(b"\x89PNG\r\n") for body in pictures.values())
    assert sum(map(len, pictures.values())) <= 80_000


def test_a_browser_sees_the_pictures():
    html, _, eml = EmailRenderer().render(furnished(), BUNDLE, "en")
    pictures = attached(message_from_bytes(eml.body, policy=policy.SMTP))
    page = viewable(html.body.decode(), pictures)
    assert "cid:" not in page
    assert page.count('src="data:image/png;base64,iVBOR') == html.body.count(b"<img ")


def test_with_pictures_off_it_still_says_the_name_and_the_numbers():
    html = EmailRenderer().render(furnished(), BUNDLE, "en")[0].body.decode()
    told = re.findall(r'<img [^>]*alt="([^"]*)"', html)
    assert "The Black Friday Journal" in told
    assert any("Incidents opened, last 7 weeks: 1, 2, 1, 3, 2, 2, 9." in alt for alt in told)
    assert any("Highest day this week: 30." in alt for alt in told)


def ink(png, box):
    """How many dots of a picture's part are dark."""
    with Image.open(io.BytesIO(png)) as image:
        return sum(image.convert("L").crop(box).histogram()[:128])


def test_the_faces_of_the_bundle_letter_the_charts():
    """A face under another name than its own draws nothing, and says nothing."""
    lettered = [
        frame("x", 100, 20, "t", [letters("lastweek", 2, 16, 14, "ink", bold=bold)])
        for bold in (False, True)
    ]
    light, heavy = (ink(png, (0, 0, 200, 40)) for png in print_png(tuple(lettered), BUNDLE))
    assert 300 < light < heavy


def test_the_picture_has_its_labels():
    _, _, eml = EmailRenderer().render(furnished(), BUNDLE, "en")
    pictures = attached(message_from_bytes(eml.body, policy=policy.SMTP))
    picture = next(body for name, body in pictures.items() if name.startswith("picture."))
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
        assert image.convert("RGBA").getextrema()[3] == (255, 255), "it is opaque"
        assert image.convert("RGB").getpixel((width // 2, 2)) == (251, 248, 240)
    assert width == 2 * 592
    assert ink(picture, (0, height - 50, width // 4, height)) > 300


@pytest.mark.parametrize("title", ["支払い新聞", "☃", " "])
def test_a_title_that_the_blackletter_cannot_spell_is_written_out(title):
    assert Pictures("d" * 64, BUNDLE).nameplate(title) == ""
    filed = file(replace(everything().edition, title=title))
    html = EmailRenderer().render(filed, BUNDLE, "en")[0].body.decode()
    assert "nameplate." not in html
    assert 'class="name" style="font:bold 32px' in html


def test_a_long_title_stands_in_two_lines():
    pictures = Pictures("d" * 64, BUNDLE)
    assert pictures.nameplate("The Black Friday Journal").count("<text") == 1
    long = pictures.nameplate("The Quarterly Gazette of Unfortunate Circumstances & Events!")
    assert re.findall(r"<text[^>]*>(.*?)</text>", long) == [
        "The Quarterly Gazette of",
        "Unfortunate Circumstances &amp; Events!",
    ]


def test_without_faces_the_words_stand_in_the_place_of_a_chart():
    bare = Bundle.of({path: body for path, body in BUNDLE.files.items() if ".woff2" not in path})
    html, _, eml = EmailRenderer().render(furnished(), bare, "en")
    assert not re.search(r"cid:(picture|nameplate)", html.body.decode())
    assert "Highest day this week: 30." in html.body.decode()
    assert b"spark-incidents-open" in eml.body


def test_the_verdict_and_the_decision_come_first():
    html, text, _ = EmailRenderer().render(furnished(), BUNDLE, "en")
    for page in (html.body.decode(), text.body.decode()):
        body = page[page.find("<body") + 1 :]
        order = [
            "9 items on the list now",
            "Still open after 3 days",
            "Read this edition on the web",
            "For the meeting",
            "Stock counted twice",
            "What was read:",
            "What we could not learn",
            "The week in numbers",
            "Last week’s items that left",
            "Last week’s items that stayed",
            "Service weather",
            "Decisions to take",
            "Resting, by decision",
        ]
        places = [body.find(words) for words in (order if page.startswith("<!") else order[1:])]
        assert -1 not in places
        assert places == sorted(places)
    assert "https://journal.example/bulletin/2026-W47/index.html" in text.body.decode()


def test_a_mail_without_an_address_has_no_button():
    filed = file(replace(everything().edition, web=None))
    html, text, _ = EmailRenderer().render(filed, BUNDLE, "en")
    assert b"Read this edition" not in html.body + text.body


def test_what_lays_out_is_no_table_and_what_is_a_table_has_headings():
    page = lxml.html.document_fromstring(EmailRenderer().render(furnished(), BUNDLE, "en")[0].body)
    for table in page.iter("table"):
        own = [th for th in table.iter("th") if next(th.iterancestors("table")) is table]
        assert (table.get("role") == "presentation") != bool(own)
        assert all(th.get("scope") in {"col", "row"} for th in own)
    assert page.get("lang") == "en"
    assert page.get("dir") == "ltr"
    assert all(image.get("alt") is not None for image in page.iter("img"))


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


LIGHT = (
    ("#1b1a17", "#fbf8f0"), ("#5d584e", "#fbf8f0"), ("#b3261e", "#fbf8f0"),
    ("#1f4e79", "#fbf8f0"), ("#fbf8f0", "#b3261e"), ("#ffb4a8", "#1b1a17"),
    ("#e9e3d5", "#1b1a17"), ("#1b1a17", "#5f8fb8"), ("#1b1a17", "#cfc8b8"),
    ("#1b1a17", "#a39d8f"),
)  # fmt: skip
DARK = (
    ("#efe9dc", "#23201b"), ("#bdb5a5", "#23201b"), ("#ff9488", "#23201b"),
    ("#93c4ec", "#23201b"), ("#efe9dc", "#3d372d"), ("#bdb5a5", "#3d372d"),
    ("#ff9488", "#3d372d"), ("#efe9dc", "#1f4e79"), ("#23201b", "#efe9dc"),
)  # fmt: skip


@pytest.mark.parametrize("pair", [*LIGHT, *DARK])
def test_what_is_written_can_be_read_by_day_and_by_night(pair):
    sources = BUNDLE.text("style/email.css") + BUNDLE.text("style/email-screen.css")
    sources += BUNDLE.text("email/parts.html")
    assert all(colour in sources for colour in pair)
    high, low = sorted(map(luminance, pair), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_nothing_is_pure_black_or_white_and_nothing_is_too_small():
    page = BUNDLE.text("style/email.css") + BUNDLE.text("style/email-screen.css")
    assert not re.search(r"#(000|fff)(000|fff)?\b", page)
    sizes = re.findall(r"([^{}]+){[^}]*?font(?:-size)?: [a-z ]*(\d+)px", page)
    small = {name.strip() for name, size in sizes if int(size) < 14}
    assert small == {".preheader", ".line", ".kick", ".digest"}


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_html_is_small_enough_not_to_be_cut(name, language):
    html, *_ = parsed(name, language)
    assert len(html.body) <= LIMIT
    assert html.body.count(b"<style") == 2, "what Outlook reads, and what depends on the screen"
    assert b"prefers-color-scheme" in html.body
    assert 0 < html.body.find(b"charset") < 1024, "where browsers look for it"


def test_the_mail_says_how_many_it_has_no_room_for():
    html, *_ = parsed("dreadful", "en")
    assert "more, in the web edition" in html.body.decode()


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_text_is_as_wide_as_a_page_save_for_addresses(name, language):
    _, text, *_ = parsed(name, language)
    wide = [line for line in text.body.decode().splitlines() if len(line) > plain.WIDTH]
    assert all(" " not in line.strip() for line in wide)


def test_folding_loses_no_word_and_stands_under_the_first_letter():
    text = f"* [high] {'word ' * 40}\n  {'more ' * 40}\nhttps://host.example/{'x' * 90}\n"
    folded = plain.wrapped(text)
    assert folded.split() == text.split()
    assert folded.splitlines()[1].startswith("  word")
    assert "\n\n" not in folded


@pytest.mark.parametrize("sign", ["==", "--", "*", "-", "[ ]"])
def test_folding_never_makes_a_heading_or_an_item_of_foreign_words(sign):
    folded = plain.wrapped(f"Still open: {'w' * 63} {sign} Incidents, all fixed\n")
    assert folded.splitlines()[1].startswith(f"  {sign} Incidents")


def test_a_mail_that_cannot_fit_is_an_error(monkeypatch):
    monkeypatch.setattr(email, "LIMIT", 2_000)
    monkeypatch.setattr(email, "SHORT", 2_000)
    with pytest.raises(BulletinError, match="larger than 2 KB"):
        EmailRenderer().render(everything(), BUNDLE, "en")


def test_the_subject_starts_with_the_verdict():
    said = subject(everything(), BUNDLE, "en")
    assert (
        said
        == "Corrected: 9 open, 2 fixed, not everything known · week 47 · The Black Friday Journal"
    )
    clear = subject(EDITIONS["quiet"](), BUNDLE, "en")
    assert clear == "All clear, 2 fixed · week 47 · The Black Friday Journal"


def test_nothing_foreign_reaches_a_header():
    full = everything().edition
    words = {"title": "INJECTED", "days": 1}
    filed = file(
        replace(
            full,
            headline=Headline(pattern="headline.grave-incident", words=words),
            items=tuple(replace(i, title="INJECTED", owner="INJECTED") for i in full.items),
        )
    )
    *_, eml = EmailRenderer().render(filed, BUNDLE, "en")
    message = message_from_bytes(eml.body, policy=policy.SMTP)
    assert "INJECTED" in message.get_body(("plain",)).get_content()
    assert not [value for value in message.values() if "INJECTED" in value]


@given(st.sampled_from(HOSTILE) | st.text(max_size=80))
def test_even_a_hostile_configured_title_makes_one_subject(title):
    """Some versions of Python write an encoded word's line breaks out as headers."""
    filed = file(replace(everything().edition, title=title))
    said = subject(filed, BUNDLE, "en")
    raw = compose(filed, "en", said, "text\n", "<p>html</p>\n", {"a.b@c": b"\x89PNG\r\n\n\x1a"})
    message = message_from_bytes(raw, policy=policy.SMTP)
    assert message.keys() == HEADERS
    assert "=?" not in said


def test_a_message_that_reads_back_differently_is_refused():
    """A control: this is the very injection that the gate exists for, or a version without it."""
    evil, picture = "a =?utf-8?q?=0ABcc=3A_evil=40evil.example?= b", b"\x89PNG\r\n\n\x1a"
    with pytest.raises(BulletinError, match="does not read back"):
        compose(everything(), "en", evil, "text\n", "<p>html</p>\n", {"a.b@c": picture})


def test_the_subject_of_a_correction_says_that_it_is_one():
    """In French its colon has a space before it, which no header may fold away."""
    live = replace(EDITIONS["everything"]().edition, mode=Mode.LIVE, corrects="0" * 64)
    for language, said in (("en", "Corrected: "), ("fr", "Version corrigée : ")):
        title = subject(file(live), BUNDLE, language)
        assert title.startswith(said), title
        assert title == " ".join(title.split())


@pytest.mark.parametrize("title", ["字 2", "Écho du vendredi", "é" * 60, "a " * 29 + "a"])
def test_a_subject_reads_back_wherever_it_is_folded(title):
    """Python's own folding would lose a space between two words that are not plain."""
    said = f"Corrected: s: 1 open, 0 fixed, not everything known · week 47 · {title}"
    message = message_from_bytes(
        compose(everything(), "en", said, "text\n", "<p>page\n", {}), policy=policy.default
    )
    assert message["Subject"] == said
    assert message.keys() == HEADERS
