"""The collector against the sandbox, over real HTTP."""

from datetime import timedelta
from math import ceil

import pytest
from pydantic import ValidationError

from bulletin.collectors.github import Settings
from bulletin.errors import SettingsError
from bulletin.model.facts import FactKey, Life
from bulletin.model.harvest import Cause, Missing, Moved, State
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import Rename, World
from tests.collectors.github_company import (
    DAY,
    NOW,
    WEEK,
    collector,
    crowd,
    github,
    happened,
    item_of,
    operations,
    story,
)


def key(subject):
    return FactKey("github", "pull_request", subject)


def world(*stories, **fields):
    return World(pull_requests=stories, **fields)


def test_a_pull_request_becomes_a_fact_with_everything_that_github_says(monkeypatch):
    one = story(
        number=7,
        title="Freeze\u202e the\n cart",
        labels=("security",),
        draft=True,
        changes=(
            happened("label", 12, "bug"),
            happened("ready", 10),
            happened("request_changes", 9, "lou"),
            happened("push", 8),
            happened("checks", 7, "FAILURE"),
            happened("conflict", 6),
        ),
    )
    shop = world(one, codeowners={"recircle/shop": "# us\n* @alone @recircle/cart\n/docs @x/y\n"})
    with github(shop) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
        (fact,) = harvest.facts
        assert fact.url == f"{service.url}/recircle/shop/pull/7"
    assert fact.key == key("recircle/shop#7")
    assert fact.handle == one.node
    assert fact.title == "Freeze the cart"
    assert (fact.life, fact.draft, fact.by_bot) == (Life.OPEN, False, False)
    assert fact.labels == ("bug", "security")
    assert (fact.review, fact.reviews) == ("changes_requested", 1)
    assert (fact.checks, fact.checks_since) == ("failing", NOW - 8 * DAY)
    assert fact.mergeable == "conflicting"
    assert (fact.additions, fact.deletions, fact.files) == (40, 12, 3)
    assert (fact.ready, fact.last_review) == (NOW - 10 * DAY, NOW - 9 * DAY)
    assert (fact.created, fact.last_activity) == (one.created, NOW - 8 * DAY)
    assert (fact.default_owner, fact.closed) == ("cart", None)
    assert harvest.gaps == ()
    assert harvest.coverage.state is State.KNOWN
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 1)


def test_what_is_merged_closed_or_elsewhere_is_not_found(monkeypatch):
    shop = world(
        story(number=1),
        story(number=2, changes=(happened("merge", 1),)),
        story(number=3, changes=(happened("close", 1),)),
        story("elsewhere/shop", 4),
    )
    with github(shop) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert [fact.key for fact in harvest.facts] == [key("recircle/shop#1")]


def test_a_bot_is_told_from_a_person(monkeypatch):
    with github(world(story(number=1, bot=True), story(number=2))) as service:
        first, second = collector(service, monkeypatch).collect(WEEK, NOW).facts
    assert (first.by_bot, second.by_bot) == (True, False)


def test_no_checks_is_none_and_not_unknown(monkeypatch):
    with github(world(story())) as service:
        (fact,) = collector(service, monkeypatch).collect(WEEK, NOW).facts
        (blind,) = collector(service, monkeypatch, checks=False).collect(WEEK, NOW).facts
    assert (fact.checks, fact.checks_since) == ("none", story().created)
    assert (blind.checks, blind.checks_since) == (None, None)


def test_an_organization_without_pull_requests_is_known_to_have_none(monkeypatch):
    with github(world()) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert harvest.coverage.state is State.KNOWN
    assert (harvest.coverage.seen, harvest.coverage.expected) == (0, 0)
    assert harvest.coverage.requests == len(service.seen) == 2


def test_a_thousand_pull_requests_take_at_most_45_requests_checks_included(monkeypatch):
    with github(World(pull_requests=crowd(1000))) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert len(harvest.facts) == 1000
    assert {fact.checks for fact in harvest.facts} == {"passing"}
    assert harvest.gaps == ()
    assert len(service.seen) == harvest.coverage.requests <= 45


def test_two_hundred_are_revisited_in_at_most_6_requests(monkeypatch):
    stories = crowd(200)
    with github(World(pull_requests=stories)) as service:
        harvest = collector(service, monkeypatch).revisit([item_of(one) for one in stories])
    assert {fact.key for fact in harvest.facts} == {item_of(one).key for one in stories}
    assert {fact.checks for fact in harvest.facts} == {"passing"}
    assert harvest.coverage.state is State.KNOWN
    assert len(service.seen) == harvest.coverage.requests <= 6


@pytest.mark.parametrize("number", [0, 1, 50, 100, 300, 1000, 1001, 2000, 3000])
def test_pull_requests_take_two_requests_for_fifty_and_at_most_five_more(number, monkeypatch):
    """Checks and CODEOWNERS included, however far apart they were opened."""
    stories = tuple(
        story(f"recircle/shop-{n % 100}", n, created=NOW - timedelta(seconds=n * n // 20))
        for n in range(1, number + 1)
    )
    with github(World(pull_requests=stories)) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert len(harvest.facts) == number
    assert harvest.gaps == ()
    assert harvest.coverage.requests == len(service.seen) <= 2 * ceil(number / 50) + 5


def test_more_than_a_thousand_are_found_in_searches_that_begin_where_one_broke_off(monkeypatch):
    """Most were opened in the last hours of a long year, four of them in every second."""
    old = story("recircle/attic", 1, created=NOW - 365 * DAY)
    rush = tuple(story(number=n, created=NOW - timedelta(seconds=n // 4)) for n in range(2, 2302))
    with github(World(pull_requests=(old, *rush))) as service:
        harvest = collector(service, monkeypatch, checks=False).collect(WEEK, NOW)
    assert len(harvest.facts) == 2301
    assert harvest.gaps == ()
    assert (harvest.coverage.seen, harvest.coverage.expected) == (2301, 2301)
    assert len(service.seen) <= 2301 / 50 + 5


def test_what_follows_a_second_that_fills_a_whole_search_is_found_all_the_same(monkeypatch):
    flood = tuple(story(number=n, created=NOW - DAY) for n in range(1, 1051))
    later = tuple(story(number=n, created=NOW - timedelta(seconds=n)) for n in range(1051, 1101))
    with github(World(pull_requests=(*flood, *later))) as service:
        harvest = collector(service, monkeypatch, checks=False).collect(WEEK, NOW)
    assert {one.node for one in later} < {fact.handle for fact in harvest.facts}
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.TRUNCATED, 1050, 1100)


def test_more_than_a_thousand_in_one_second_cannot_be_told_apart_and_are_a_gap(monkeypatch):
    moment = NOW - DAY
    flood = tuple(story(number=n, created=moment) for n in range(1, 1051))
    with github(World(pull_requests=flood)) as service:
        harvest = collector(service, monkeypatch, checks=False).collect(WEEK, NOW)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.TRUNCATED, 1000, 1050)
    assert harvest.coverage.state is State.PARTIAL


def test_the_limit_keeps_the_oldest_and_says_how_many_there_are(monkeypatch):
    with github(World(pull_requests=crowd(120))) as service:
        harvest = collector(service, monkeypatch, limit=70).collect(WEEK, NOW)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.TRUNCATED, 70, 120)
    assert harvest.coverage.state is State.PARTIAL
    oldest = sorted(crowd(120), key=lambda one: one.created)[:70]
    assert {fact.handle for fact in harvest.facts} == {one.node for one in oldest}


def test_a_limit_that_is_just_reached_is_no_gap(monkeypatch):
    with github(World(pull_requests=crowd(70))) as service:
        harvest = collector(service, monkeypatch, limit=70).collect(WEEK, NOW)
    assert harvest.gaps == ()
    assert len(harvest.facts) == 70


def test_single_repositories_share_searches(monkeypatch):
    names = [f"recircle/service-{n:03}" for n in range(30)]
    with github(World(pull_requests=crowd(300))) as service:
        harvest = collector(service, monkeypatch, organization=None, repositories=names).collect(
            WEEK, NOW
        )
        searches = operations(service).count("Search")
    assert {fact.repository for fact in harvest.facts} == set(names)
    assert len(harvest.facts) == 90
    assert harvest.gaps == ()
    assert searches <= 8


def test_a_repository_that_is_not_there_is_a_gap_that_names_it(monkeypatch):
    with github(world(story())) as service:
        harvest = collector(
            service,
            monkeypatch,
            organization=None,
            repositories=("recircle/shop", "recircle/shoop"),
        ).collect(WEEK, NOW)
    (gap,) = harvest.gaps
    assert gap.reason is Cause.NOT_FOUND
    assert "recircle/shoop" in gap.detail
    assert harvest.coverage.state is State.PARTIAL
    assert [fact.key for fact in harvest.facts] == [key("recircle/shop#1")]


def test_an_organization_that_is_not_there_is_unknown_and_not_empty(monkeypatch):
    with github(world(story())) as service:
        harvest = collector(service, monkeypatch, organization="recirkle").collect(WEEK, NOW)
    assert [gap.reason for gap in harvest.gaps] == [Cause.NOT_FOUND]
    assert harvest.coverage.state is State.UNKNOWN
    assert (harvest.coverage.seen, harvest.coverage.expected) == (0, None)


def test_settings_that_hold_an_old_name_find_the_renamed_repository(monkeypatch):
    rename = Rename(old="recircle/store", new="recircle/shop", at=NOW - 2 * DAY)
    with github(world(story(), renames=(rename,))) as service:
        github_of_shop = collector(
            service, monkeypatch, organization=None, repositories=("recircle/store",)
        )
        (fact,) = github_of_shop.collect(WEEK, NOW).facts
        old = item_of(story(), key=key("recircle/store#1"))
        fresh = collector(
            service, monkeypatch, organization=None, repositories=("recircle/store",)
        ).revisit([old])
    assert fact.key == key("recircle/shop#1")
    assert fresh.moved == (Moved(old=old.key, new=fact.key),)
    assert fresh.missing == ()


def test_revisiting_says_what_became_of_each(monkeypatch):
    merged = story(number=2, changes=(happened("merge", 1),))
    declined = story(number=3, changes=(happened("close", 2),))
    moved = story("recircle/checkout", 5)
    rename = Rename(old="recircle/basket", new="recircle/checkout", at=NOW - DAY)
    left = story("elsewhere/shop", 6)
    items = [
        item_of(story(number=1)),
        item_of(merged),
        item_of(declined),
        item_of(story(number=4), handle="PR_gone"),
        item_of(moved, key=key("recircle/basket#5")),
        item_of(left, key=key("recircle/old#6")),
    ]
    stories = (story(number=1), merged, declined, moved, left)
    with github(world(*stories, renames=(rename,))) as service:
        harvest = collector(service, monkeypatch).revisit(items)
    assert {fact.key.subject: (fact.life, fact.closed) for fact in harvest.facts} == {
        "recircle/shop#1": (Life.OPEN, None),
        "recircle/shop#2": (Life.DONE, NOW - DAY),
        "recircle/shop#3": (Life.DECLINED, NOW - 2 * DAY),
        "recircle/checkout#5": (Life.OPEN, None),
    }
    assert harvest.moved == (Moved(old=key("recircle/basket#5"), new=key("recircle/checkout#5")),)
    assert harvest.missing == (
        Missing(key=key("recircle/shop#4"), why="unreadable"),
        Missing(key=key("recircle/old#6"), why="moved_away"),
    )
    assert harvest.gaps == ()
    assert (harvest.coverage.seen, harvest.coverage.expected) == (6, 6)


def test_revisiting_nothing_asks_nothing(monkeypatch):
    with github(world()) as service:
        harvest = collector(service, monkeypatch).revisit([])
    assert service.seen == []
    assert harvest.coverage.state is State.KNOWN


def test_a_renamed_repository_gives_new_keys_to_the_search_and_old_ones_a_move(monkeypatch):
    rename = Rename(old="recircle/store", new="recircle/shop", at=NOW - 2 * DAY)
    with github(world(story(), renames=(rename,)), moment=NOW - 7 * DAY) as service:
        (then,) = collector(service, monkeypatch).collect(WEEK, NOW).facts
        service.moment = NOW
        shop = collector(service, monkeypatch)
        (now,) = shop.collect(WEEK, NOW).facts
        again = shop.revisit([item_of(story(), key=then.key)])
    assert (then.key, now.key) == (key("recircle/store#1"), key("recircle/shop#1"))
    assert again.moved == (Moved(old=then.key, new=now.key),)
    assert again.facts[0].key == now.key


def test_the_same_moment_gives_the_same_harvest(monkeypatch):
    with github(World(pull_requests=crowd(60))) as service:
        first = collector(service, monkeypatch).collect(WEEK, NOW)
        second = collector(service, monkeypatch).collect(WEEK, NOW)
    assert first == second


def test_addresses_may_be_those_of_another_host_than_the_api(monkeypatch):
    with github(world(story())) as service:
        web = "https://github.example"
        (fact,) = collector(service, monkeypatch, web=web).collect(WEEK, NOW).facts
    assert fact.url == "https://github.example/recircle/shop/pull/1"


def test_enterprise_server_is_asked_where_it_lives(monkeypatch):
    with github(world(story())) as service:
        api = f"{service.url}/api/v3"
        (fact,) = collector(service, monkeypatch, api=api).collect(WEEK, NOW).facts
        assert fact.url == f"{service.url}/recircle/shop/pull/1"
    assert {seen.path for seen in service.seen} == {"/api/graphql"}


def test_check_tells_what_works(monkeypatch):
    with github(world(story(), codeowners={"recircle/shop": "* @recircle/cart"})) as service:
        lines = list(collector(service, monkeypatch).check())
    assert [line.ok for line in lines] == [True] * 6
    assert [line.detail for line in lines][-3:] == ["1 open", "readable", "readable"]
    assert not any(TOKEN in f"{line.what} {line.detail}" for line in lines)


def test_check_tells_what_does_not(monkeypatch):
    with github(world()) as service:
        with pytest.raises(SettingsError, match="NOT_SET_ANYWHERE"):
            collector(service, monkeypatch, token={"env": "NOT_SET_ANYWHERE"})
        monkeypatch.setenv("WRONG", "wrong")
        (line,) = collector(service, monkeypatch, token={"env": "WRONG"}).check()
        assert (line.what, line.ok) == ("credentials", False)
        *_, line, count = collector(service, monkeypatch, organization="nobody").check()
        assert (line.ok, count.detail) == (False, "0 open")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"token": {"env": "T"}}, "say where to look"),
        ({"organization": "acme"}, "either token"),
        ({"organization": "acme/shop", "token": {"env": "T"}}, "pattern"),
        ({"repositories": ["shop"], "token": {"env": "T"}}, "no repository"),
        ({"repositories": ["acme/shop is:closed"], "token": {"env": "T"}}, "no repository"),
        ({"organization": "acme", "token": "ghp_abc"}, "never written here"),
        ({"organization": "acme", "token": {"env": "T"}, "api": "http://ghe.acme"}, "base address"),
        ({"organization": "acme", "token": {"env": "T"}, "api": "api.github.com"}, "base address"),
        ({"organization": "acme", "token": {"env": "T"}, "limit": 0}, "greater than"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Settings(**settings)


@pytest.mark.parametrize(
    ("api", "pages"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com/", "https://acme.ghe.com"),
        ("https://ghe.acme.example/api/v3", "https://ghe.acme.example"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_the_address_of_the_pages_follows_from_that_of_the_api(api, pages):
    assert Settings(organization="acme", token={"env": "T"}, api=api).pages == pages
