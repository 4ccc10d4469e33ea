"""Evidence: what is told under an item without being on the list is looked up until it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bulletin import config, registry
from bulletin.archive.store import Archive
from bulletin.demo import CLOSES, LAST, ZONE
from bulletin.model.facts import FactKey, Life
from bulletin.model.word import Said, Word, decision_key
from bulletin.pipeline.drafting import draft
from bulletin.sandbox.company import open_company
from bulletin.sandbox.world import Change, IncidentStory, PullRequestStory, World

DAY = timedelta(days=1)
WEEKS = (LAST.shift(-2), LAST.shift(-1), LAST)
FIRST = WEEKS[0].closes(ZONE, CLOSES)
STORY = PullRequestStory(
    repository="recircle/shop",
    number=7,
    title="Count to ten",
    author="malo",
    branch="malo/inc-9-count",
    created=FIRST - DAY,
    changes=(
        Change(FIRST - timedelta(hours=9), "approve", "ines"),
        Change(FIRST + 2 * DAY, "merge"),
    ),
)
INCIDENT = IncidentStory(key="INC-9", summary="Nine", severity="SEV2", created=FIRST - 2 * DAY)
KEY = FactKey("github", "pull_request", "recircle/shop#7")


@pytest.fixture
def drafted(tmp_path, monkeypatch):
    def drafted(**changes):
        story = replace(STORY, **changes)
        world = World(incidents=(INCIDENT,), pull_requests=(story,))
        with open_company(world, FIRST) as company:
            for name, value in company.environment.items():
                monkeypatch.setenv(name, value)
            path = tmp_path / "bulletin.toml"
            path.write_text(company.settings("The Journal", "en"))
            settings = config.load(path, registry.kinds())
            for week in WEEKS:
                moment = week.closes(ZONE, CLOSES)
                company.travel(moment)
                yield draft(settings, week=week, now=moment, render=False).filed.edition

    return drafted


def test_a_fix_that_is_on_no_list_is_seen_to_be_merged_and_stays_so(drafted):
    lives, said = [], []
    for edition in drafted():
        (one,) = edition.folds
        assert [part.key for part in one.parts] == [KEY]
        assert KEY not in {item.key for item in edition.items}
        lives.append(edition.fact(KEY).life)
        said.append([sentence.pattern for sentence in one.said])
    assert lives == [Life.OPEN, Life.DONE, Life.DONE]
    assert said == [[], ["fold.merged.incident"], ["fold.merged.incident"]]


def test_without_a_link_nobody_looks_it_up(drafted):
    told = [edition.fact(KEY) is not None for edition in drafted(branch="count")]
    assert told == [True, False, False]


def test_whose_branch_it_is_is_kept_nowhere(drafted):
    for edition in drafted():
        assert "malo" not in repr(edition)


def test_what_a_decision_is_about_is_looked_up_wherever_it_is(drafted, tmp_path):
    """Only so does anybody see whether it was kept: the fix is on no list, and nobody links it."""
    told = []
    for edition in drafted(branch="count"):
        told.append(edition.fact(KEY) and edition.fact(KEY).life)
        if len(told) == 1:
            word = Word(
                said=Said.DECIDED, key=decision_key(WEEKS[0], 1), author="Ada", text="Merge it",
                at=edition.as_of + timedelta(hours=1), about=KEY,
            )  # fmt: skip
            with Archive.open(f"sqlite:///{tmp_path}/demo.db") as archive:
                archive.say(word)
    assert told == [Life.OPEN, Life.DONE, Life.DONE]
