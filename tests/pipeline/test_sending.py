"""By hand: what is chosen, what is shown beforehand, and what a person may not do."""

import re
import shutil
from functools import partial

import pytest

from bulletin import registry
from bulletin.archive import codec
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import DeliveryState, Fate, Mode
from bulletin.pipeline import deciding, packing, pressing
from bulletin.pipeline.printing import render_all
from bulletin.pipeline.standing import as_mode, tells_same
from tests.builders import CUTOFF, WEEK, ZONE, edited, harvest, incident
from tests.delivery import plugs
from tests.delivery.newsroom import HOUR, NOW, templates
from tests.monitoring.desk import FILES

OPENS = WEEK.closes(ZONE, CUTOFF)
ALL = ["ada", "bob", "eve"]
SEARCH = '[teams.search]\ncomponents = ["search"]\n'


def test_a_draft_leaves_as_a_live_edition_that_tells_the_same_to_the_letter(desk):
    drafted = desk.draft()

    sent, outcome = desk.publish()

    assert outcome.is_whole
    assert tells_same(drafted, sent)
    assert (sent.edition.mode, sent.edition.revision) == (Mode.LIVE, 2)
    assert sent.edition.corrects is None
    assert sent.digest != drafted.digest
    assert desk.publish()[0] == sent
    assert desk.arrived() == ALL


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.REHEARSAL])
def test_what_is_shown_beforehand_is_what_leaves_and_showing_it_changes_nothing(desk, mode):
    """Of an edition that is not even filed yet; byte by byte, and of the archive as well."""
    desk.draft()
    before = (desk.folder / "bulletin.db").read_bytes()
    pages = {path: path.read_bytes() for path in (desk.folder / "out").rglob("*.*")}

    planned, deliveries, failures = desk.plan(mode=mode)

    assert failures == ()
    assert (desk.folder / "bulletin.db").read_bytes() == before
    assert {p: p.read_bytes() for p in (desk.folder / "out").rglob("*.*")} == pages
    sent, outcome = desk.publish(mode=mode)
    assert sent == planned
    with desk.archive() as archive:
        frozen = archive.outbox.deliveries(edition=sent.digest)
    assert [d.parcel for d in frozen] == [d.parcel for d in deliveries]
    for shown in (outcome.deliveries, desk.plan(mode=mode)[1]):
        assert [(d.key, d.size) for d in shown] == [(d.key, d.size) for d in deliveries]


def test_a_mode_is_lowered_and_never_raised(desk):
    desk.write(mode="rehearsal")
    desk.draft()

    for act in (desk.publish, desk.plan):
        with pytest.raises(SettingsError, match="go further than rehearsal, and this is live"):
            act(mode=Mode.LIVE)
    desk.publish(mode=Mode.PREVIEW)
    desk.publish()

    assert desk.arrived() == ["ed", "tess"]


def test_a_preview_of_a_live_edition_reaches_editors_alone(desk):
    """Also the second time, when a preview of it has left and the newest edition is live."""
    desk.draft()
    desk.publish(mode=Mode.PREVIEW)
    plugs.SCRIPT |= {name: [Fate.REFUSED] for name in ALL}
    live, _ = desk.publish()

    sent, outcome = desk.publish(mode=Mode.PREVIEW)

    assert sent.edition.mode is Mode.PREVIEW
    assert tells_same(sent, live)
    assert {one.mode for one in outcome.deliveries} == {Mode.PREVIEW}
    assert desk.arrived() == ["ed"]


def test_a_live_edition_that_has_left_is_corrected_only_by_somebody_who_says_so(desk):
    desk.draft(OPENS - HOUR, week=WEEK)
    first, _ = desk.publish(now=OPENS - HOUR, early=True)
    desk.draft(OPENS, week=WEEK)
    desk.publish(mode=Mode.REHEARSAL)

    for act in (desk.publish, desk.plan):
        with pytest.raises(BulletinError, match="has left already, and was drafted again since"):
            act()
    planned, _, _ = desk.plan(correction=True)
    second, _ = desk.publish(correction=True)

    assert planned == second
    assert second.edition.corrects == first.digest
    assert desk.arrived() == [*ALL, "tess", *ALL]
    desk.publish(correction=True)
    assert desk.arrived() == [*ALL, "tess", *ALL]


def test_an_edition_that_nobody_got_is_corrected_without_a_word(desk):
    """All were refused: for its readers the second is the first."""
    plugs.SCRIPT |= {name: [Fate.REFUSED] for name in ALL}
    desk.draft(OPENS - HOUR, week=WEEK)
    desk.publish(now=OPENS - HOUR, early=True)
    desk.draft(OPENS, week=WEEK)

    sent, _ = desk.publish()

    assert sent.edition.corrects is None
    assert desk.arrived() == ALL


def test_what_was_refused_or_waits_is_tried_again_by_hand_and_what_is_uncertain_is_not(desk):
    plugs.SCRIPT |= {"ada": [Fate.REFUSED], "bob": [Fate.DEFERRED], "eve": [Fate.UNCERTAIN]}
    desk.draft()
    assert not desk.publish()[1].is_whole

    _, outcome = desk.publish()

    assert desk.states() == {"ada": "sent", "bob": "sent", "eve": "uncertain"}
    assert not outcome.is_whole
    assert desk.arrived() == ["ada", "bob"]


def test_what_came_too_late_is_sent_by_hand_and_what_was_dropped_is_not(desk):
    plugs.SCRIPT |= {"ada": [Fate.DEFERRED], "bob": [Fate.REFUSED]}
    desk.run()
    desk.resolve("bob", DeliveryState.CANCELLED)
    late = NOW + 30 * HOUR
    desk.run(late)
    assert desk.states() == {"ada": "cancelled", "bob": "cancelled", "eve": "sent"}

    desk.publish(now=late)

    assert desk.states() == {"ada": "sent", "bob": "cancelled", "eve": "sent"}
    desk.resolve("bob", DeliveryState.READY)
    desk.publish(now=late)
    assert desk.arrived() == ["eve", "ada", "bob"]


def test_one_channel_alone(desk):
    desk.tables = (*desk.tables, desk.tables[0].replace('"pigeon"', '"pigeon"\nname = "owl"'))
    desk.write()
    desk.draft()

    _, outcome = desk.publish(only=["owl"])

    assert {one.channel for one in outcome.deliveries} == {"owl"}
    assert outcome.is_whole
    with pytest.raises(SettingsError, match="no channel is called 'hawk'") as caught:
        desk.publish(only=["hawk"])
    assert caught.value.hint == "The settings name: pigeon, owl."
    assert desk.run().outcome.is_whole
    assert desk.arrived() == ALL  # two ways of one kind to one person are one delivery


def test_a_channel_that_was_given_another_name_brings_nothing_again(desk):
    desk.draft()
    assert desk.run().outcome.is_whole
    desk.tables = (desk.tables[0].replace('"pigeon"', '"pigeon"\nname = "owl"'), *desk.tables[1:])
    desk.write()

    _, outcome = desk.publish()

    assert not outcome.receipts
    assert outcome.is_whole
    assert desk.arrived() == ALL


def test_a_live_edition_waits_for_the_end_of_its_week_unless_somebody_says_so(desk):
    desk.draft(OPENS - HOUR, week=WEEK)

    with pytest.raises(BulletinError, match="is not over before") as caught:
        desk.publish(now=OPENS - HOUR)

    assert "--early" in caught.value.hint
    assert desk.arrived() == []
    assert desk.publish(now=OPENS - HOUR, early=True)[1].is_whole
    assert desk.arrived() == ALL


def test_a_plan_tells_what_would_refuse_it_as_a_whole(desk):
    desk.write(more='approval = "four-eyes"')
    desk.draft()
    desk.approve()
    desk.publish()
    desk.write(more='approval = "four-eyes"', instance="a copy")

    _, deliveries, failures = desk.plan()

    assert {str(one.state) for one in deliveries} == {"sent"}
    assert ["another machine" in error.problem for error in failures] == [True]


def test_a_proof_after_the_edition_has_left_lies_beside_it(desk):
    desk.draft()
    desk.publish()
    pages = desk.folder / "out" / "2026-W47"
    live = {page.name: page.read_bytes() for page in pages.iterdir()}
    for page in pages.iterdir():
        page.unlink()
    desk.publish()
    assert {page.name: page.read_bytes() for page in pages.iterdir()} == live

    desk.draft(NOW + HOUR)

    assert {page.name: page.read_bytes() for page in pages.iterdir()} == live
    assert any((desk.folder / "out" / "proofs" / "2026-W47").iterdir())


def test_without_an_approval_a_person_s_hand_sends_nothing_either(desk):
    """And does not quietly send the draft to its editors instead."""
    desk.write(more='approval = "four-eyes"')
    desk.draft()

    for act in (desk.publish, desk.plan):
        with pytest.raises(BulletinError, match="was not approved: nothing is sent"):
            act()
    desk.publish(mode=Mode.REHEARSAL)
    with pytest.raises(BulletinError, match="was not approved: nothing is sent"):
        desk.publish()

    assert desk.arrived() == ["tess"]


def test_a_rehearsal_of_what_was_approved_voids_nothing(desk):
    desk.write(more='approval = "four-eyes"')
    desk.draft()
    approved = desk.approve()
    desk.publish(mode=Mode.REHEARSAL)

    assert desk.publish()[0] == approved
    assert desk.arrived() == ["tess", *ALL]


def test_an_approval_survives_templates_that_changed_since_the_draft(desk, monkeypatch):
    """What leaves is made with those of the draft, as its approver read it."""
    desk.write(more='approval = "four-eyes"')
    drafted = desk.draft()
    monkeypatch.setattr("bulletin.rendering.bundle.PLACES", (desk.folder / "nowhere",))

    approved = desk.approve()

    assert approved.edition.bundle == drafted.edition.bundle
    assert desk.publish()[0] == approved


def test_an_edition_that_is_not_on_file_cannot_be_sent(desk):
    desk.draft()

    with pytest.raises(BulletinError, match="holds no edition of 2026-W46"):
        desk.publish(WEEK.shift(-1))


def test_an_edition_whose_page_could_not_be_made_fails_alone(desk):
    """A channel that has nothing to bring is told; the other goes on."""
    desk.draft(render=False)
    desk.write(mode="preview")

    _, outcome = desk.publish()

    (failure,) = outcome.failures
    assert failure.problem == "pigeon: there is no page to bring"
    assert not outcome.is_whole
    assert outcome.deliveries == ()


def test_what_a_channel_left_that_is_there_no_more_is_left_alone(desk):
    """Nothing would ever attempt it."""
    plugs.SCRIPT["bob"] = [Fate.REFUSED]
    desk.draft()
    desk.publish()
    desk.tables = (FILES,)
    desk.write()

    desk.publish()

    assert desk.states()["bob"] == "refused"


def test_a_plan_tells_that_a_week_is_not_over(desk):
    desk.draft(OPENS - HOUR, week=WEEK)

    _, deliveries, failures = desk.plan(now=OPENS - HOUR)

    assert len(deliveries) == 3
    assert ["is not over before" in error.problem for error in failures] == [True]
    assert desk.plan(now=OPENS - HOUR, early=True)[2] == ()
    assert desk.plan(now=OPENS)[2] == ()


@pytest.mark.parametrize(
    ("more", "instance", "told"),
    [("", "a copy", "another machine"), ('approval = "four-eyes"', "here", "second pair of eyes")],
)
def test_what_may_not_leave_is_neither_filed_nor_laid_out(desk, more, instance, told):
    desk.draft(OPENS - HOUR, week=WEEK)
    first, _ = desk.publish(mode=Mode.REHEARSAL)
    desk.write(more=more, instance=instance)
    if more:  # it is on file, and nobody approved it
        filed_live(desk)
    before, pages = on_disk(desk)

    with pytest.raises(BulletinError, match=told):
        desk.publish()

    assert on_disk(desk) == (before, pages)
    assert first.edition.mode is Mode.REHEARSAL


def filed_live(desk):
    with desk.archive() as archive:
        live = as_mode(archive, archive.find(WEEK), Mode.LIVE)
        pressing.print_new(desk.settings, archive, live)
    (desk.folder / "out" / "2026-W47" / "bulletin.md").unlink()


def on_disk(desk):
    with desk.archive() as archive:
        entries = archive.editions()
    return entries, sorted((desk.folder / "out").rglob("*.*"))


def test_what_cannot_be_printed_is_told_by_whoever_prints_it(desk, monkeypatch):
    """A person who publishes, one who approves, and a run that makes the edition of a draft."""
    broken = BulletinError("the deck could not be made", "Report it.")
    plain = pressing.render_all
    desk.write(more='approval = "four-eyes"')
    desk.draft(OPENS - HOUR, week=WEEK)
    monkeypatch.setattr(pressing, "render_all", lambda *given: (plain(*given)[0], (broken,)))

    _, failures = deciding.approve(desk.settings, WEEK, author="Bob", now=NOW)
    assert failures == (broken,)
    _, outcome = desk.publish(mode=Mode.REHEARSAL)
    assert outcome.failures == (broken,)
    assert not outcome.is_whole
    assert desk.publish(mode=Mode.REHEARSAL)[1].is_whole  # told once, with what was made then

    desk.write(mode="rehearsal", more="")
    week = WEEK.shift(1)
    later = week.closes(ZONE, CUTOFF)
    monkeypatch.undo()
    desk.draft(later, week=week)
    monkeypatch.setattr(pressing, "render_all", lambda *given: (plain(*given)[0], (broken,)))
    ran = desk.run(later + HOUR)
    assert ran.printed.failures == (broken,)
    assert (ran.outcome.is_whole, ran.exit_code) == (True, 4)


@pytest.mark.parametrize("act", ["publish", "run"])
def test_an_edition_made_of_a_draft_is_laid_out_once(desk, monkeypatch, act):
    desk.draft(OPENS, week=WEEK)
    shelves = []
    for module in (pressing, packing):
        plain = module.render_shelf
        counted = partial(lambda plain, *given: shelves.append(1) or plain(*given), plain)
        monkeypatch.setattr(module, "render_shelf", counted)

    getattr(desk, act)()

    assert (len(shelves), desk.arrived()) == (1, ALL)


def test_what_a_channel_asked_for_is_made_once(desk, monkeypatch):
    """Also where another channel asks for something when it is on file: then that alone is."""
    registry.RENDERERS["verdict"] = "bulletin.rendering.verdict:VerdictRenderer"
    registry.RENDERERS["mediawiki"] = "bulletin.rendering.wiki:MediawikiRenderer"
    made = []
    plain = packing.render_all
    monkeypatch.setattr(
        packing, "render_all", lambda *given: made.append(given[3]) or plain(*given)
    )
    monkeypatch.setattr(plugs.Pigeon, "formats", ("verdict",))
    desk.draft()

    desk.publish()
    desk.run()
    assert made == []

    monkeypatch.setattr(plugs.Pigeon, "formats", ("verdict", "mediawiki"))
    desk.publish()
    assert made == [("mediawiki",)]


@pytest.mark.parametrize(
    "name", [*sorted({*registry.ON_REQUEST} - {registry.LETTER}), "team-email:search"]
)
def test_a_format_on_request_makes_the_artifact_that_it_is_found_by(name):
    filed = codec.file(edited([harvest("jira", [incident()])]))
    artifacts, failures = render_all(filed, templates(), "en", (name,))

    assert failures == ()
    assert [one.name for one in artifacts] == [registry.artifact_of(name)]


@pytest.fixture
def letters(monkeypatch):
    """What is asked of the press once an edition is on file."""
    registry.RENDERERS[registry.LETTER] = "bulletin.rendering.email.team:TeamEmailRenderer"
    made = []
    real = packing.render_all

    def watched(filed, bundle, language, formats):
        made.append(tuple(formats))
        return real(filed, bundle, language, formats)

    monkeypatch.setattr(packing, "render_all", watched)
    return made


@pytest.mark.parametrize("knows", [True, False])
def test_a_letter_that_is_asked_for_late_is_made_for_a_team_that_the_draft_knew(
    desk, monkeypatch, letters, knows
):
    """With the templates of the draft. To one that was renamed since it would say: nothing."""
    if knows:
        desk.tables = (*desk.tables, SEARCH)
        desk.write()
    desk.draft()
    desk.publish()
    monkeypatch.setattr(plugs.Pigeon, "formats", ("team-email:search",))
    desk.publish()
    assert letters == ([("team-email:search",)] if knows else [])


def test_a_letter_that_cannot_be_made_late_is_told(desk, monkeypatch, letters):
    """Its team gets the journal, and whoever sends it hears why."""
    desk.tables = (*desk.tables, SEARCH)
    desk.write()
    desk.draft()
    desk.publish()
    broken = BulletinError("the letter could not be made", "Mend the theme.")
    monkeypatch.setattr(packing, "render_all", lambda *_: ((), (broken,)))
    monkeypatch.setattr(plugs.Pigeon, "formats", ("team-email:search",))
    assert broken in desk.plan()[2]
    assert broken in desk.publish()[1].failures
    assert letters == []


def test_what_waits_for_a_channel_that_is_gone_is_told_with_the_way_out(desk):
    """Beforehand, too; and the way out is one that works."""
    plugs.SCRIPT["bob"] = [Fate.DEFERRED]
    desk.draft()
    desk.publish()
    desk.tables = (FILES,)
    desk.write()

    (shown,) = desk.plan()[2]
    (told,) = desk.publish()[1].failures
    assert (told.problem, told.hint) == (shown.problem, shown.hint)
    assert "bob waits for 2026-W47, and there is no channel" in shown.problem
    key = re.findall(r"bulletin resolve '?(.+?)'? --drop", shown.hint)[0]
    desk.resolve(key, DeliveryState.CANCELLED)
    assert desk.publish()[1].is_whole


def test_pages_that_cannot_be_laid_out_again_keep_no_delivery_back(desk):
    """The first time neither: whoever waits for a letter needs no folder."""
    plugs.SCRIPT["bob"] = [Fate.DEFERRED]
    desk.draft()
    desk.publish()
    shutil.rmtree(desk.folder / "out")
    (desk.folder / "out").write_bytes(b"")

    assert any("cannot be written" in failure.problem for failure in desk.plan()[2])
    outcome = desk.publish()[1]
    assert [failure.problem for failure in outcome.failures if "out" in failure.problem]
    assert sorted(desk.arrived()) == ALL
