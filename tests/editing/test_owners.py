"""Whose a fact is: what the service says of it, then the settings from narrow to wide."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.editing.owners import Territory, owned
from bulletin.model.facts import Fact
from tests.builders import edited, error, harvest, incident, policy, pull_request

SEARCH = Territory(team="search", components=("search*",), projects=("INC",))
CHECKOUT = Territory(
    team="checkout",
    repositories=("acme/shop", "acme/pay-*"),
    projects=("shop", "PAY"),
    components=("basket", "payment"),
    aliases=("team-pay", "Money"),
)
TEAMS = (SEARCH, CHECKOUT)


def owner(fact: Fact, *territories: Territory) -> str | None:
    return owned(fact, territories or TEAMS).owner


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (incident(services=("payment",)), "checkout"),
        (incident(services=("Payment",)), "checkout"),
        (incident(services=("search-index",)), "search"),
        (incident(services=("lorries",)), "search"),
        (incident(services=(), project="PAY"), "checkout"),
        (incident(services=(), project="LOG"), None),
        (error(project="shop"), "checkout"),
        (error(project="inc", assigned_team="team-pay"), "checkout"),
        (error(project="shop", assigned_team="SEARCH"), "search"),
        (error(project="shop", assigned_team="logistics"), "logistics"),
        (error(project="mobile"), None),
        (pull_request("acme/shop#1"), "checkout"),
        (pull_request("acme/pay-card#1"), "checkout"),
        (pull_request("ACME/Pay-Card#1"), "checkout"),
        (pull_request("acme/shopping#1"), None),
        (pull_request("acme/docs#1", default_owner="money"), "checkout"),
        (pull_request("acme/docs#1", default_owner="writers"), "writers"),
        (pull_request("acme/shop#1", default_owner="search"), "checkout"),
    ],
)
def test_a_fact_belongs_to(fact: Fact, expected: str | None) -> None:
    """Components before projects; an assigned team before a project; settings before CODEOWNERS."""
    assert owner(fact) == expected


def test_within_one_step_the_first_team_of_the_file_wins() -> None:
    both = incident(services=("payment", "search-index"))
    assert owner(both, SEARCH, CHECKOUT) == "search"
    assert owner(both, CHECKOUT, SEARCH) == "checkout"


def test_without_teams_what_the_service_says_is_all_there_is() -> None:
    assert owned(pull_request("acme/shop#1"), ()).owner is None
    assert owned(pull_request("acme/shop#1", default_owner="acme-web"), ()).owner == "acme-web"


def test_a_pattern_may_hold_a_star_alone() -> None:
    assert owner(pull_request("acme/any#1"), Territory(team="all", repositories=("*",))) == "all"


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_but_the_owner_changes(project: str, service: str) -> None:
    """Foreign names are matched, never read as patterns."""
    fact = incident(project=project, services=(service,))
    assert replace(owned(fact, TEAMS), owner=None) == fact
    assert owner(fact) in {None, "search", "checkout"}


def test_a_star_in_a_foreign_name_matches_nothing_else() -> None:
    assert owner(incident(services=("*",), project="*")) is None


def test_the_owner_stands_on_the_item() -> None:
    stale = incident(services=("payment",), assigned=False)
    edition = edited([harvest("jira", [stale])], policy=policy(territories=TEAMS))
    assert [item.owner for item in edition.items] == ["checkout"]
    assert [fact.owner for fact in edition.facts] == ["checkout"]
