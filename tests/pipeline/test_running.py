"""A run: what is due, what was, what came too late; and never twice."""

import logging
from datetime import timedelta

import pytest

from bulletin.archive.lock import run_lock
from bulletin.errors import BulletinError, LockedError, SettingsError
from bulletin.model.delivery import DeliveryState, Fate, Mode
from bulletin.model.edition import Filed
from bulletin.pipeline import pressing, running
from bulletin.pipeline.standing import tells_same
from tests.builders import CUTOFF, WEEK, ZONE
from tests.delivery import plugs
from tests.delivery.newsroom import HOUR, NOW, PIGEONS

OPENS = WEEK.closes(ZONE, CUTOFF)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ALL = ["ada", "bob", "eve"]


def dying(*_):
    raise KeyboardInterrupt


def dying_of_its_own(*_):
    raise ZeroDivisionError


def test_what_is_due_goes_out_and_a_second_run_finds_nothing_to_do(desk):
    first = desk.run()
    body = (desk.folder / "bulletin.db").read_bytes()
    second = desk.run(NOW + 15 * MINUTE)

    assert (first.said, first.exit_code) == ("2026-W47 is out", 0)
    assert (second.said, second.exit_code) == ("2026-W47 had left already", 0)
    assert desk.arrived() == ALL
    assert (desk.folder / "bulletin.db").read_bytes() == body
    assert second.printed is None
    assert second.filed == first.filed
    assert first.filed.edition.mode is Mode.LIVE


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (OPENS - MINUTE, "nothing is due: the next edition is 2026-W47, on Thursday 19"),
        (OPENS, "2026-W47 is out"),
        (OPENS + DAY - timedelta(seconds=1), "2026-W47 is out"),
        (OPENS + DAY, "nothing is due: the next edition is 2026-W48, on Thursday 26"),
    ],
)
def test_an_edition_leaves_between_its_cut_off_and_its_lateness(desk, moment, said):
    """Both ends to the second."""
    assert desk.run(moment).said.startswith(said)


def test_a_week_that_came_too_late_is_skipped_and_that_is_told_once(desk):
    """Also where nothing ran for weeks; and nothing is made of them afterwards."""
    desk.run()
    late = NOW + timedelta(weeks=3, days=2)

    first, second = desk.run(late), desk.run(late + HOUR)

    assert [str(week) for week in first.skipped] == ["2026-W48", "2026-W49", "2026-W50"]
    assert second.skipped == ()
    assert desk.log("skipped") == [
        f"2026-W{n} too late: nothing left in time" for n in (48, 49, 50)
    ]  # fmt: skip
    assert desk.arrived() == ALL


def test_the_first_run_answers_for_no_week_before_it(desk):
    assert desk.run(OPENS + 2 * DAY).skipped == ()
    assert desk.log("skipped") == []
    assert desk.log("running since") == ["2026-W48 live"]

    assert [str(w) for w in desk.run(OPENS + timedelta(days=9)).skipped] == ["2026-W48"]


def test_a_mode_answers_for_the_weeks_since_it_is_run(desk):
    """Ten weeks of rehearsals are no live weeks that went missing."""
    desk.write(mode="rehearsal")
    desk.run()
    desk.write(mode="live")

    assert desk.run(NOW + timedelta(weeks=1)).skipped == ()
    assert desk.log("running since") == ["2026-W47 rehearsal", "2026-W48 live"]


def test_an_edition_by_hand_of_a_later_week_hides_no_week_that_went_missing(desk):
    """Nothing ran from Thursday to Tuesday, and somebody sent the next week's early."""
    desk.run(OPENS - timedelta(days=6))
    later = OPENS + timedelta(days=5)
    desk.draft(later, week=WEEK.shift(1))
    desk.publish(WEEK.shift(1), later, early=True)

    assert [str(week) for week in desk.run(later + HOUR).skipped] == ["2026-W47"]


def test_a_named_week_that_is_far_ahead_skips_nothing(desk):
    desk.run()

    ran = desk.run(NOW + DAY, week=WEEK.shift(5))

    assert ran.said == "2026-W52 is not due before Thursday 24 December 10:00"
    assert desk.log("skipped") == []
    assert desk.run(NOW + timedelta(weeks=1)).said == "2026-W48 is out"


def test_a_named_week_that_is_over_is_not_sent(desk):
    assert desk.run(week=WEEK.shift(-1)).said.startswith("nothing is due")
    assert desk.arrived() == []


def test_a_week_that_the_settings_skip_has_none_and_none_goes_missing(desk):
    desk.write(more='skip = ["2026-W47"]')

    ran = desk.run()
    week_after = desk.run(NOW + timedelta(weeks=1))

    assert ran.said == "2026-W47 has no edition: the settings skip it"
    assert (week_after.said, week_after.skipped) == ("2026-W48 is out", ())
    assert desk.log("skipped") == ["2026-W47 the settings skip it"]


def test_a_holiday_has_no_edition(desk):
    """A Friday meeting of a week that ends with Christmas."""
    desk.write(more='holidays = "FR"')
    desk.path.write_text(desk.path.read_text().replace("Thursday 10:00", "Friday 10:00"))
    desk.read()

    assert desk.run(NOW + timedelta(weeks=5, days=1)).said == (
        "2026-W52 has no edition: Friday 25 December is a public holiday (Christmas Day)"
    )


def test_a_week_that_was_skipped_is_not_sent_by_itself_when_the_clock_goes_back(desk):
    """A clock that was eight days ahead for a moment: one edition or one SKIPPED, not both."""
    desk.run(NOW - timedelta(weeks=1))
    ahead = desk.run(OPENS + DAY + HOUR)

    back = desk.run(NOW)

    assert [str(week) for week in ahead.skipped] == ["2026-W47"]
    assert back.said == (
        "2026-W47 has no edition: it was skipped, and only a person sends it now"
    )  # fmt: skip
    assert desk.arrived() == ALL


def test_a_clock_that_goes_back_an_hour_during_a_run_sends_once(desk):
    moments = iter([NOW])

    ran = running.run(desk.settings, clock=lambda: next(moments, NOW - HOUR))

    assert ran.said == "2026-W47 is out"
    assert desk.run(NOW - HOUR).said.startswith("nothing is due: the next edition is 2026-W47")
    assert desk.run().said == "2026-W47 had left already"
    assert desk.arrived() == ALL


def test_an_early_draft_is_not_the_week_s_edition(desk):
    """In the default mode, drafts and editions are of one kind: what counts is the cut-off."""
    desk.write(mode="preview")
    early = desk.draft(OPENS - 2 * DAY, week=WEEK)

    ran = desk.run()

    assert ran.printed is not None
    assert ran.filed != early
    assert ran.filed.edition.as_of == NOW
    assert desk.arrived() == ["ed"]


def test_a_preview_that_editors_were_shown_early_is_not_the_week_s_edition_either(desk):
    desk.write(mode="rehearsal")
    early = desk.draft(OPENS - 2 * DAY, week=WEEK)
    desk.publish(now=OPENS - 2 * DAY, mode=Mode.PREVIEW)

    ran = desk.run()

    assert ran.filed.edition.mode is Mode.REHEARSAL
    assert ran.filed.edition.as_of > early.edition.as_of
    assert desk.arrived() == ["ed", "tess"]


def test_an_edition_that_somebody_sent_early_is_the_week_s(desk):
    desk.draft(OPENS - HOUR, week=WEEK)
    desk.publish(now=OPENS - HOUR, early=True)

    assert desk.run().said == "2026-W47 had left already"
    assert desk.arrived() == ALL


def test_what_was_drafted_in_time_leaves_late_as_it_stood(desk):
    """A day after its cut-off a week is not asked again: what is on file is what leaves."""
    desk.write(more="lateness_hours = 100")
    drafted = desk.draft(OPENS + HOUR, week=WEEK)

    ran = desk.run(OPENS + timedelta(hours=50))

    assert (ran.said, ran.exit_code) == ("2026-W47 is out", 0)
    assert ran.filed.edition.as_of == drafted.edition.as_of
    assert ran.filed.edition.mode is Mode.LIVE


def test_a_source_that_is_dark_at_the_cut_off_does_not_stop_a_week_that_was_drafted_before(
    desk, monkeypatch, caplog
):
    """The draft knows more than could be learnt now, and its readers wait: it leaves."""
    caplog.set_level(logging.CRITICAL)
    drafted = desk.draft(OPENS - HOUR, week=WEEK)
    monkeypatch.setattr(plugs.Canned, "collect", dying_of_its_own)

    ran = desk.run()

    assert (ran.said, ran.exit_code) == ("2026-W47 is out", 0)
    assert tells_same(ran.filed, drafted)
    assert desk.arrived() == ALL
    assert desk.run(NOW + HOUR).said == "2026-W47 had left already"


def test_an_edition_that_a_run_filed_and_did_not_lay_out_is_laid_out_by_the_next(desk, monkeypatch):
    """The run died between the two; once it has begun to leave, the folder is its drafters'."""
    page = desk.folder / "out" / "2026-W47" / "bulletin.md"
    with monkeypatch.context() as patched:
        patched.setattr(pressing, "lay_out", dying)
        with pytest.raises(KeyboardInterrupt):
            desk.run()
    assert not page.exists()

    assert desk.run().said == "2026-W47 is out"
    assert page.is_file()
    page.write_bytes(b"what somebody drafts now")
    desk.run()
    assert page.read_bytes() == b"what somebody drafts now"


def test_a_deferred_delivery_is_tried_again_when_its_time_has_come_and_no_sooner(desk):
    plugs.SCRIPT["bob"] = [Fate.DEFERRED, Fate.DEFERRED]

    runs = [desk.run(NOW + timedelta(minutes=m)) for m in (0, 29, 30, 60, 89, 90)]

    assert [ran.exit_code for ran in runs] == [4, 4, 4, 4, 4, 0]
    assert [len(ran.outcome.receipts) for ran in runs] == [3, 0, 1, 0, 0, 1]
    assert runs[1].said == "2026-W47 has not arrived everywhere"
    assert runs[-1].said == "2026-W47 is out"
    assert desk.arrived() == ["ada", "eve", "bob"]


def test_what_still_waits_when_it_is_too_late_is_cancelled(desk):
    plugs.SCRIPT["bob"] = [Fate.DEFERRED]
    desk.run()

    ran, after = desk.run(OPENS + DAY), desk.run(OPENS + DAY + HOUR)

    assert desk.states() == {"ada": "sent", "bob": "cancelled", "eve": "sent"}
    assert [(one.parcel.target, str(one.state)) for one in ran.cancelled] == [("bob", "cancelled")]
    assert (ran.exit_code, ran.skipped) == (4, ())
    assert (after.exit_code, after.cancelled, after.skipped) == (0, (), ())
    assert desk.arrived() == ["ada", "eve"]


@pytest.mark.parametrize("state", ["refused", "uncertain"])
def test_what_is_refused_or_uncertain_is_not_tried_again_by_itself(desk, state):
    plugs.SCRIPT["bob"] = [Fate(state)]

    runs = [desk.run(NOW + timedelta(hours=h)) for h in (0, 1, 23)]

    assert [ran.exit_code for ran in runs] == [4, 4, 4]
    assert desk.states()["bob"] == state
    assert desk.arrived() == ["ada", "eve"]


def test_what_a_dead_run_left_is_told_by_the_next_run_even_when_nothing_is_due(desk):
    """Its row is not in anybody's hands for a week."""
    plugs.SCRIPT["bob"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    assert desk.states() == {"ada": "sent", "bob": "sending", "eve": "ready"}

    desk.run(OPENS + 2 * DAY)

    assert desk.states() == {"ada": "sent", "bob": "uncertain", "eve": "cancelled"}


def test_a_run_without_a_channel_prints_and_says_so(desk):
    desk.tables = ()
    desk.write()

    ran = desk.run()

    assert ran.exit_code == 0
    assert ran.said == "2026-W47 is printed, and no channel takes it further in the mode live"
    assert (desk.folder / "out" / "2026-W47" / "bulletin.md").is_file()


def test_a_run_while_another_holds_the_lock_ends_with_75_and_changes_nothing(desk):
    with run_lock(desk.settings.archive), pytest.raises(LockedError) as caught:
        desk.run()

    assert caught.value.exit_code == 75
    assert not (desk.folder / "bulletin.db").exists()
    assert desk.run().said == "2026-W47 is out"


def test_four_eyes_let_nothing_go_that_only_its_drafter_has_read(desk):
    desk.write(more='approval = "four-eyes"')

    with pytest.raises(BulletinError, match="no draft that anybody could have approved"):
        desk.run()
    desk.draft(OPENS - HOUR, week=WEEK)
    with pytest.raises(BulletinError, match="was not approved"):
        desk.run()
    with pytest.raises(BulletinError, match="these are the same two"):
        desk.approve(" ADA ")
    with pytest.raises(BulletinError, match="was not approved"):
        desk.run()
    approved = desk.approve("Bob")

    assert isinstance(approved, Filed)
    assert desk.run().filed == approved
    assert desk.arrived() == ALL


def test_a_newer_draft_voids_an_approval(desk):
    desk.write(more='approval = "four-eyes"')
    desk.draft(OPENS - 2 * HOUR, week=WEEK)
    desk.approve()
    desk.draft(OPENS - HOUR, week=WEEK)

    with pytest.raises(BulletinError, match="was drafted again since"):
        desk.run()
    with pytest.raises(BulletinError, match="was drafted again since"):
        desk.publish()
    assert desk.arrived() == []


def test_a_correction_that_was_approved_leaves_by_a_person_s_hand_alone(desk):
    """The edition has left; a run goes on with that one, and not with what corrects it."""
    desk.write(more='approval = "four-eyes"')
    desk.draft(OPENS - 2 * HOUR, week=WEEK)
    first = desk.approve()
    desk.run()
    desk.draft(OPENS + HOUR, week=WEEK)
    second = desk.approve()

    assert desk.run(OPENS + 2 * HOUR).filed == first
    with pytest.raises(BulletinError, match="has left already"):
        desk.publish()
    assert desk.publish(correction=True)[0] == second
    assert second.edition.corrects == first.digest
    assert desk.arrived() == ALL * 2
    assert desk.run(OPENS + 3 * HOUR).said == "2026-W47 had left already"


def test_an_edition_that_was_filed_and_never_left_is_skipped(desk):
    """The run filed it on a machine that may not send."""
    desk.run(NOW - timedelta(weeks=1))
    desk.write(instance="a copy")
    with pytest.raises(BulletinError, match="sends from another machine"):
        desk.run()

    ran = desk.run(OPENS + DAY + HOUR)

    assert [str(week) for week in ran.skipped] == ["2026-W47"]
    assert desk.arrived() == ALL


@pytest.mark.parametrize("eyes", ["none", "four-eyes"])
def test_a_week_that_everybody_refused_is_not_called_too_late(desk, eyes):
    """It was told when it was refused; nor is one that was cancelled, a run later."""
    plugs.SCRIPT |= {"ada": [Fate.REFUSED], "bob": [Fate.REFUSED], "eve": [Fate.DEFERRED]}
    desk.write(more=f'approval = "{eyes}"')
    desk.draft(OPENS - HOUR, week=WEEK)
    desk.run(OPENS - timedelta(days=6))
    desk.approve()
    desk.run()

    runs = [desk.run(OPENS + DAY + n * HOUR) for n in range(2)]

    assert [ran.skipped for ran in runs] == [(), ()]
    assert [ran.exit_code for ran in runs] == [4, 0]


def test_a_run_corrects_nothing_where_nobody_got_what_was_sent_early(desk):
    """It collects the week again; for its readers that is the first edition."""
    plugs.SCRIPT |= {name: [Fate.REFUSED] for name in ALL}
    desk.draft(OPENS - HOUR, week=WEEK)
    desk.publish(now=OPENS - HOUR, early=True)
    plugs.NEWS[0] = 2

    ran = desk.run()

    assert (ran.filed.edition.revision, ran.filed.edition.corrects) == (3, None)
    assert desk.arrived() == ALL


def test_a_preview_that_nobody_is_sent_is_there_for_whoever_looks(desk):
    desk.tables = (PIGEONS.replace('preview = ["ed"]', ""),)
    desk.write(mode="preview")
    desk.run()

    assert desk.run(OPENS + 2 * DAY).skipped == ()


def test_a_week_that_was_approved_and_never_left_is_skipped(desk):
    desk.write(more='approval = "four-eyes"')
    desk.draft(OPENS - HOUR, week=WEEK)
    desk.run(OPENS - timedelta(days=6))
    desk.approve()

    assert [str(week) for week in desk.run(OPENS + DAY + HOUR).skipped] == ["2026-W47"]
    assert desk.arrived() == []


def test_settings_that_name_no_source_are_refused_before_the_lock(desk):
    desk.path.write_text('mode = "live"\n' + PIGEONS)
    desk.read()

    with pytest.raises(SettingsError, match="the settings name no source"):
        desk.run()


def test_a_person_s_word_settles_what_nobody_could_tell(desk):
    plugs.SCRIPT |= {"ada": [Fate.UNCERTAIN], "bob": [Fate.UNCERTAIN], "eve": [Fate.UNCERTAIN]}
    desk.run()

    desk.resolve("ada", DeliveryState.SENT)
    desk.resolve("bob", DeliveryState.READY)
    desk.resolve("eve", DeliveryState.CANCELLED)
    desk.run(NOW + HOUR)

    assert desk.states() == {"ada": "sent", "bob": "sent", "eve": "cancelled"}
    assert desk.arrived() == ["bob"]
