"""Words that people write where the bulletin reads them: `ledger.toml`, and a page's notes."""

from datetime import date, timedelta

import pytest

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import SettingsError
from bulletin.model.facts import Life, Severity
from bulletin.model.harvest import Cause
from bulletin.model.word import Origin, Said, decisions, teams, waivers
from bulletin.notes import BEGIN, END
from bulletin.pipeline.filing import say
from bulletin.pipeline.hearing import hear
from bulletin.rendering.bundle import Bundle
from tests.builders import NOW, WEEK, edited, filed, harvest, incident, policy

GRAVE = incident("INC-1", severity=Severity.HIGH)
OTHER = incident("INC-2", severity=Severity.HIGH)
LATER = NOW + timedelta(days=6)
NEXT = WEEK.shift(1)
BUNDLE = Bundle.read()


@pytest.fixture
def settings(tmp_path):
    given = {
        "archive": f"sqlite:///{tmp_path}/journal.db",
        "output": tmp_path,
        "ledger": tmp_path / "ledger.toml",
        "teams": {"search": {}, "payments": {}},
    }
    made = Bulletin.model_validate(given)
    edition = filed(edited([harvest("jira", [GRAVE, OTHER])], policy=policy(bundle=BUNDLE.digest)))
    with Archive.open(made.archive, create=True) as archive:
        archive.file(edition, BUNDLE.digest, BUNDLE.dumps(), NOW)
    (tmp_path / "ledger.toml").write_text("")
    return made


def listen(settings, at=LATER):
    with Archive.open(settings.archive) as archive:
        gaps = hear(settings, archive, NEXT, at)
        return archive.words(), gaps


def notes(settings, text, week=WEEK):
    folder = settings.output / str(week)
    folder.mkdir(exist_ok=True)
    (folder / "bulletin.md").write_text(f"# A page\n\n{BEGIN}\n{text}\n{END}\n", encoding="utf-8")


def test_notes_in_the_page_are_filed_once_however_often_they_are_read(settings) -> None:
    notes(
        settings,
        "Good meeting.\n\n- Put a breaker in (search, W49, INC-1)\n- assign INC-2 payments",
    )
    words, gaps = listen(settings)
    assert not gaps
    assert [(w.said, w.author, w.origin) for w in words] == [
        (Said.DECIDED, "the notes of 2026-W47", Origin.NOTES),
        (Said.ASSIGNED, "the notes of 2026-W47", Origin.NOTES),
    ]
    (made,) = decisions(words)
    assert (made.title, made.owner, str(made.due), str(made.about)) == (
        "Put a breaker in", "search", "2026-W49", "jira:incident:INC-1",
    )  # fmt: skip
    assert listen(settings, LATER + timedelta(hours=1)) == (words, ())


def test_two_decisions_of_one_meeting_have_keys_of_their_own_and_twins_are_one(settings) -> None:
    notes(settings, "- One\n- Two\n- One\n- ONE")
    words, _ = listen(settings)
    assert [w.key.subject for w in words] == ["2026-W47-1", "2026-W47-2"]
    notes(settings, "- One\n- Two\n- Three")
    words, _ = listen(settings)
    assert [w.key.subject for w in words] == ["2026-W47-1", "2026-W47-2", "2026-W47-3"]


def test_what_cannot_be_understood_is_a_gap_and_the_rest_is_filed(settings) -> None:
    notes(settings, "- Mend it\n- waive INC-9 until 2026-12-10: later\n- waive INC-1 soon")
    words, gaps = listen(settings)
    assert [w.text for w in words] == ["Mend it"]
    assert [(g.source, g.reason, g.parts) for g in gaps] == [
        ("meeting", Cause.UNCLEAR, ("notes",)),
    ] * 2
    assert "'INC-9' is not on the list" in gaps[0].detail
    assert "needs its last day" in gaps[1].detail
    assert not any(gap.hides("decision") for gap in gaps)


def test_a_page_whose_markers_were_changed_is_a_gap_and_not_an_empty_page(settings) -> None:
    notes(settings, "- Mend it")
    page = settings.output / str(WEEK) / "bulletin.md"
    page.write_text(page.read_text().replace(END, ""))
    words, (gap,) = listen(settings)
    assert not words
    assert "markers" in gap.detail


FILE = """
[[waive]]
key = "INC-1"
until = 2026-12-10
reason = "after the sale"
by = "Ada"

[[assign]]
key = "jira:incident:INC-2"
team = "payments"

[[decision]]
week = "2026-W47"
text = "Put a breaker in"
owner = "search"
due = "2026-W49"
about = "INC-2"
"""


def test_the_file_says_the_same_words_as_the_commands(settings) -> None:
    settings.ledger.write_text(FILE)
    words, gaps = listen(settings)
    assert not gaps
    waiver = waivers(words)[GRAVE.key]
    assert (waiver.until, waiver.reason, waiver.author) == (
        date(2026, 12, 10),
        "after the sale",
        "Ada",
    )
    assert teams(words) == {OTHER.key: "payments"}
    (made,) = decisions(words)
    assert (made.owner, made.about) == ("search", OTHER.key)
    assert listen(settings, LATER + timedelta(hours=1)) == (words, ())
    closing = '[[close]]\nkey = "2026-W47-1"\ndone = "deployed"\n'
    settings.ledger.write_text(FILE + closing)
    words, gaps = listen(settings, LATER + timedelta(hours=2))
    assert not gaps, "a decision may be closed before it is an item"
    (made,) = decisions(words)
    assert made.life is Life.DONE


def test_a_waiver_taken_out_of_the_file_is_withdrawn_and_one_given_by_hand_is_not(settings) -> None:
    settings.ledger.write_text(FILE)
    listen(settings)
    say(
        settings,
        lambda clerk: clerk.waive("INC-2", date(2026, 12, 10), "soon"),
        author="Ben",
        now=LATER,
    )
    settings.ledger.write_text("")
    words, _ = listen(settings, LATER + timedelta(hours=1))
    assert set(waivers(words)) == {OTHER.key}
    assert (words[-1].said, words[-1].key) == (Said.WITHDRAWN, GRAVE.key)
    assert listen(settings, LATER + timedelta(hours=2))[0] == words


def test_a_waiver_of_the_file_that_a_person_withdrew_stays_withdrawn(settings) -> None:
    settings.ledger.write_text(FILE)
    listen(settings)
    say(
        settings,
        lambda clerk: clerk.withdraw("INC-1"),
        author="Ben",
        now=LATER + timedelta(hours=1),
    )
    words, _ = listen(settings, LATER + timedelta(hours=2))
    assert not waivers(words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[waive]]\nkey = 1", "is not TOML"),
        ("[[waive]]\nkey = 'INC-1'\nuntil = 2026-12-10", "[[waive]] 1 reason: field required"),
        ("[[waiver]]\nkey = 'INC-1'", "[[waiver]]: extra inputs"),
        ("[[close]]\nkey = 'x'", "either done or given_up"),
        ("[[decision]]\nweek = '2026-W99'\ntext = 'x'", "has no week 99"),
        ("[[decision]]\nweek = '2026-W47'\ntext = ''", "[[decision]] 1: a decision needs words"),
        ("[[close]]\nkey = '2026-W47-9'\ndone = ''", "[[close]] 1: '2026-w47-9' is not on"),
        ("[[assign]]\nkey = 'INC-1'\nteam = 'serch'", "[[assign]] 1: there is no team 'serch'"),
    ],
)
def test_a_file_with_mistakes_is_a_gap_that_names_them(settings, text, told) -> None:
    settings.ledger.write_text(text if "TOML" not in told else "[[waive")
    words, (gap,) = listen(settings)
    assert not words
    assert gap.detail.startswith("ledger.toml")
    assert told in gap.detail.lower() or told in gap.detail


def test_a_file_that_is_not_there_is_said(settings) -> None:
    settings.ledger.unlink()
    _, (gap,) = listen(settings)
    assert "cannot be read" in gap.detail


def test_a_decision_is_refused_for_an_unknown_week_team_or_day(settings) -> None:
    def decide(**fields):
        given = {"week": WEEK, "text": "Mend it"} | fields
        say(settings, lambda c: c.decide(given.pop("week"), given.pop("text"), **given), author="A")

    for wrong in (
        {"week": NEXT},
        {"owner": "serach"},
        {"due": WEEK},
        {"text": " "},
        {"about": "X-9"},
    ):
        with pytest.raises(SettingsError) as raised:
            decide(**wrong)
        assert raised.value.hint
    with Archive.open(settings.archive) as archive:
        assert not archive.words()


def test_a_secret_in_a_decision_is_masked_before_it_is_filed(settings) -> None:
    token = "ghp_" + "a1B2" * 9
    (word,) = say(settings, lambda c: c.decide(WEEK, f"Rotate {token}"), author="Ada")
    assert word.text == "Rotate [redacted: GitHub token]"
    with Archive.open(settings.archive) as archive:
        assert token not in str(archive.events())


def test_only_decisions_are_closed_here(settings) -> None:
    with pytest.raises(SettingsError, match="not closed here") as raised:
        say(settings, lambda c: c.close("INC-1", "done", done=True), author="Ada")
    assert "jira" in raised.value.hint


def test_a_decision_of_nobody_is_no_team_yet(settings) -> None:
    (word,) = say(settings, lambda c: c.decide(WEEK, "Mend it"), author="Ada", now=LATER)
    (made,) = decisions([word])
    assert (made.owner, made.life, str(made.due)) == (None, Life.OPEN, "2026-W48")


def test_notes_are_read_by_the_next_drafts_and_complained_of_once_a_week(settings) -> None:
    """The page before, and the page of the week itself where it was drafted: no older ones."""
    notes(settings, "- waive INC-9 until 2026-12-10: what is that")
    with Archive.open(settings.archive) as archive:
        assert len(hear(settings, archive, NEXT, LATER)) == 1
        assert len(hear(settings, archive, WEEK, LATER)) == 1, "drafted again"
        before = archive.find()
        after = filed(
            edited([harvest("jira", [GRAVE])], [before], NEXT, policy=policy(bundle=BUNDLE.digest))
        )
        archive.file(after, BUNDLE.digest, BUNDLE.dumps(), LATER)
        assert hear(settings, archive, NEXT.shift(1), LATER) == ()
