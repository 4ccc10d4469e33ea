"""An item's life: told under every name, without a claim about weeks that nobody saw."""

from datetime import date, timedelta

import pytest

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError, SettingsError
from bulletin.explaining import explain
from bulletin.model.facts import Severity
from bulletin.model.word import waivers
from bulletin.pipeline.filing import say
from bulletin.rendering.bundle import Bundle
from tests.builders import NOW, WEEK, edited, error, filed, harvest, incident, policy

BUNDLE = Bundle.read()
BODY = BUNDLE.dumps()
GRAVE = incident("INC-1", severity=Severity.HIGH)


@pytest.fixture
def settings(tmp_path):
    return Bulletin.model_validate({"archive": f"sqlite:///{tmp_path}/journal.db"})


def keep(settings, *weeks):
    """File one edition a week, each judged against the one before; return the archive's list."""
    past = []
    with Archive.open(settings.archive, create=True) as archive:
        for week, facts in weeks:
            brought = [harvest(source, found) for source, found in facts.items()]
            ruled = policy(bundle=BUNDLE.digest)
            made = filed(edited(brought, past, week=week, policy=ruled))
            archive.file(made, BUNDLE.digest, BODY, NOW)
            past.insert(0, made)


def test_a_week_off_the_list_and_a_week_without_an_edition_are_told_apart(settings):
    calm = incident("INC-1")
    keep(
        settings,
        (WEEK.shift(-3), {"jira": [GRAVE]}),
        (WEEK.shift(-2), {"jira": [calm]}),
        (WEEK.shift(-1), {"jira": [calm]}),
        (WEEK.shift(1), {"jira": [GRAVE]}),
    )
    told = [line for line in explain(settings, "INC-1") if line.startswith("2026-")]
    assert told[:-1] == [
        "2026-W44  first seen  (high, no team)",
        "2026-W45  cleared  (high, no team)",
        "2026-W46  not on the list",
        "2026-W47  no edition",
        "2026-W48  back again  (high, no team)",
    ]


def test_a_name_that_two_sources_use_is_not_explained_by_the_first(settings):
    other = error("INC-1", first_seen=NOW - timedelta(days=1), events=500)
    keep(settings, (WEEK, {"jira": [GRAVE], "sentry": [other]}))
    with pytest.raises(BulletinError, match="names several items"):
        list(explain(settings, "INC-1"))
    told = list(explain(settings, "sentry:error:INC-1"))
    assert told[0].startswith("sentry:error:INC-1")
    with pytest.raises(SettingsError, match="names 2 items"):
        say(settings, lambda clerk: clerk.withdraw("INC-1"), author="Ada", now=NOW)


def test_a_waiver_is_withdrawn_under_the_name_that_it_was_given(settings):
    moved = incident("NEW-1", handle=GRAVE.handle, severity=Severity.HIGH)
    keep(settings, (WEEK.shift(-1), {"jira": [GRAVE]}))
    until = (NOW + timedelta(days=9)).date()
    say(settings, lambda clerk: clerk.waive("INC-1", until, "soon"), author="Ada", now=NOW)
    with Archive.open(settings.archive) as archive:
        before = archive.latest(WEEK.shift(-1))
        ruled = policy(bundle=BUNDLE.digest)
        made = filed(edited([harvest("jira", [moved])], [before], policy=ruled))
        assert made.edition.items[0].formerly == (GRAVE.key,)
        archive.file(made, BUNDLE.digest, BODY, NOW)
    say(settings, lambda clerk: clerk.withdraw("NEW-1"), author="Ada", now=NOW + timedelta(hours=1))
    with Archive.open(settings.archive) as archive:
        assert waivers(archive.words()) == {}
    told = list(explain(settings, "NEW-1"))
    assert any(f"Ada: waived until {until}: soon" in line for line in told)
    assert any(line.endswith("Ada: waiver withdrawn") for line in told)


def test_a_day_in_the_past_ends_no_waiver(settings):
    keep(settings, (WEEK, {"jira": [GRAVE]}))
    with pytest.raises(SettingsError, match="is past"):
        say(
            settings,
            lambda clerk: clerk.waive("INC-1", date(2020, 1, 1), "late"),
            author="Ada",
            now=NOW,
        )


def test_why_it_rests_is_told_as_it_was_when_it_began_to(settings):
    """The wording is kept to judge what is worse, and would otherwise be read as of today."""
    keep(settings, (WEEK.shift(-1), {"jira": [GRAVE]}))
    until = (NOW + timedelta(days=9)).date()
    say(settings, lambda clerk: clerk.waive("INC-1", until, "soon"), author="Ada", now=NOW)
    with Archive.open(settings.archive) as archive:
        ruled = policy(bundle=BUNDLE.digest, waivers=waivers(archive.words()))
        before = archive.latest(WEEK.shift(-1))
        made = filed(edited([harvest("jira", [GRAVE])], [before], policy=ruled))
        archive.file(made, BUNDLE.digest, BODY, NOW)
    told = list(explain(settings, "INC-1"))
    where = next(n for n, line in enumerate(told) if line.startswith(str(WEEK)))
    assert any("as it was when it began to rest" in line for line in told[where:])
    assert not any("began to rest" in line for line in told[:where])
