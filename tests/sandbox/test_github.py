"""The sandbox's GitHub answers as GitHub does, and refuses what it does not know."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from github import Auth, Github

from bulletin.sandbox.github import answer
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import Change, PullRequestStory, Rename, World

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def story(number, repository="recircle/shop", days_ago=10.0, **fields):
    created = NOW - days_ago * DAY
    return PullRequestStory(
        repository=repository,
        number=number,
        title=f"Change {number}",
        author="lou",
        created=created,
        **fields,
    )


WORLD = World(
    pull_requests=(
        story(1, days_ago=30),
        story(2, days_ago=20, changes=(Change(NOW - DAY, "merge"),)),
        story(3, "recircle/basket", days_ago=10, changes=(Change(NOW - 2 * DAY, "close"),)),
        story(4, "recircle/basket", days_ago=5, changes=(Change(NOW - DAY / 2, "comment", "max"),)),
        story(5, "other/thing", days_ago=4),
        story(6, days_ago=-1),
    ),
    renames=(Rename(old="recircle/cart", new="recircle/basket", at=NOW - 3 * DAY),),
    codeowners={"recircle/shop": "* @recircle/shop"},
)


@pytest.fixture
def service():
    with Service("github", answer, WORLD, NOW) as running:
        yield running


def ask(service, query, **variables):
    said = requests.post(
        f"{service.url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"bearer {TOKEN}"},
        timeout=10,
    )
    assert said.status_code == 200
    return said.json()


SEARCH = """
query($q: String!, $first: Int = 100, $after: String) {
  search(type: ISSUE, query: $q, first: $first, after: $after) {
    issueCount pageInfo { hasNextPage endCursor } nodes { ... on PullRequest { number } }
  }
}
"""


def numbers(service, q, **variables):
    search = ask(service, SEARCH, q=q, **variables)["data"]["search"]
    return [node["number"] for node in search["nodes"]]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("org:recircle is:pr is:open sort:created-asc", [1, 4]),
        ("org:recircle is:pr is:open sort:created-desc", [4, 1]),
        ("org:recircle is:pr is:merged", [2]),
        ("org:recircle is:pr is:closed sort:created-asc", [2, 3]),
        ("repo:recircle/shop repo:other/thing is:pr is:open sort:created-asc", [1, 5]),
        ("org:recircle repo:other/thing is:open sort:created-asc", [1, 4, 5]),
        ("repo:RECIRCLE/Shop is:open archived:false", [1]),
        ("repo:recircle/cart is:pr", []),
        ("is:pr sort:updated-desc", [4, 2, 3, 5, 1]),
        ("is:pr created:2026-11-16T09:00:00Z..2026-11-21T09:00:00Z sort:created-asc", [3, 4]),
        ("is:pr created:2026-11-16T09:00:01Z..2026-11-21T08:59:59Z", []),
        ("is:pr created:2026-11-16", [3]),
        ("is:pr created:>=2026-11-21 sort:created-asc", [4, 5]),
        ("is:pr created:*..2026-11-06T09:00:00Z sort:created-asc", [1, 2]),
    ],
)
def test_a_search_honours_every_qualifier(service, q, found):
    assert numbers(service, q) == found


@pytest.mark.parametrize(
    "term",
    [
        "author:lou",
        "is:draft",
        "draft:false",
        "freetext",
        "sort:best",
        "created:soon",
        "archived:true",
    ],
)
def test_a_qualifier_that_is_not_known_is_an_error_and_not_a_wide_answer(service, term):
    (error,) = ask(service, SEARCH, q=f"org:recircle is:pr {term}")["errors"]
    assert error["type"] == "UNPROCESSABLE"


def test_a_misspelt_field_is_an_error_without_data(service):
    said = ask(service, "{ viewer { loginn } }")
    assert "data" not in said
    assert "loginn" in said["errors"][0]["message"]


def test_pages_follow_each_other_and_the_count_is_of_them_all(service):
    seen, after = [], None
    for _ in range(3):
        search = ask(service, SEARCH, q="is:pr sort:created-asc", first=2, after=after)
        page = search["data"]["search"]
        assert page["issueCount"] == 5
        seen += [node["number"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [1, 2, 3, 4, 5]
    assert page["pageInfo"]["hasNextPage"] is False


def test_a_search_ends_after_a_thousand_and_still_counts_more():
    flood = tuple(story(n, days_ago=n / 100) for n in range(1, 1051))
    with Service("github", answer, World(pull_requests=flood), NOW) as service:
        after = "Y3Vyc29yOjk5MA=="  # cursor:990
        search = ask(service, SEARCH, q="is:pr", after=after)["data"]["search"]
    assert search["issueCount"] == 1050
    assert len(search["nodes"]) == 10
    assert search["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("first", "kind"), [(101, "EXCESSIVE_PAGINATION"), (-1, "EXCESSIVE_PAGINATION")]
)
def test_more_than_a_hundred_at_once_are_refused(service, first, kind):
    assert ask(service, SEARCH, q="is:pr", first=first)["errors"][0]["type"] == kind


def test_nodes_that_are_not_known_are_null_beside_an_error_at_their_place(service):
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    known = WORLD.pull_requests[0].node
    said = ask(service, query, ids=[known, "PR_no"])
    assert said["data"]["nodes"] == [{"__typename": "PullRequest", "id": known}, None]
    (error,) = said["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["nodes", 1])
    assert ask(service, query, ids=["x"] * 101)["errors"][0]["type"] == "ARGUMENT_LIMIT"


def test_a_repository_is_found_by_its_old_name_too_and_says_the_new_one(service):
    query = '{ repository(owner: "recircle", name: "cart") { nameWithOwner } }'
    assert ask(service, query)["data"]["repository"] == {"nameWithOwner": "recircle/basket"}
    service.moment = NOW - 4 * DAY
    assert ask(service, query)["data"]["repository"] == {"nameWithOwner": "recircle/cart"}


def test_codeowners_is_a_blob_in_the_first_place_alone(service):
    query = """
    { repository(owner: "recircle", name: "shop") {
        hidden: object(expression: "HEAD:.github/CODEOWNERS") { ... on Blob { text } }
        top: object(expression: "HEAD:CODEOWNERS") { ... on Blob { text } }
    } }
    """
    found = ask(service, query)["data"]["repository"]
    assert found == {"hidden": {"text": "* @recircle/shop"}, "top": None}


@pytest.mark.parametrize("header", [None, "bearer wrong", "Basic c2FuZGJveA=="])
def test_nobody_else_is_answered(service, header):
    headers = {"Authorization": header} if header else {}
    said = requests.post(f"{service.url}/graphql", json={}, headers=headers, timeout=10)
    assert (said.status_code, said.json()["message"]) == (401, "Bad credentials")


def test_pygithub_finds_its_way(service):
    for base in (service.url, f"{service.url}/api/v3"):
        client = Github(auth=Auth.Token(TOKEN), base_url=base, retry=0)
        assert client.get_user().login == "bulletin"
        assert client.get_organization("recircle").login == "recircle"
        assert client.get_rate_limit().resources.core.remaining == 5000
        _, said = client.requester.graphql_query("{ viewer { login } }", {})
        assert said["data"] == {"viewer": {"login": "bulletin"}}
        client.close()
