"""Whatever a collector brings back passes here: facts, gaps, addresses and keys."""

from dataclasses import fields

import pytest

from bulletin.masking import mask, mask_harvest, notices
from bulletin.masking.rules import read_rules
from bulletin.model.edition import ItemState
from bulletin.model.facts import FactKey, Severity
from bulletin.model.harvest import Masked, Moved, State
from tests.builders import WEEK, edited, error, filed, gap, harvest, incident, pull_request
from tests.masking.planted import SECRETS

SECRET = dict(SECRETS)["GitHub token"]
MARK = "[redacted: GitHub token]"


def masked_fact(fact):
    made = mask_harvest(harvest(fact.key.source, [fact]))
    return made.facts[0], made.masked


TEXTS = [
    *((incident, name) for name in ("title", "status", "project", "owner")),
    *((error, name) for name in ("title", "release", "project", "level", "assigned_team")),
    *((pull_request, name) for name in ("title", "repository", "default_owner", "review")),
]


@pytest.mark.parametrize(("build", "field"), TEXTS)
def test_a_secret_in_any_text_of_a_fact_is_masked_and_noted(build, field):
    fact, notes = masked_fact(build(**{field: f"on {SECRET}"}))
    assert getattr(fact, field) == f"on {MARK}"
    (note,) = notes
    assert (note.key, note.part, note.what, note.count) == (fact.key, field, "GitHub token", 1)
    assert not note.personal


@pytest.mark.parametrize(
    ("build", "field"), [(incident, "services"), (pull_request, "labels"), (incident, "links")]
)
def test_a_secret_in_any_of_several_texts_is_masked(build, field):
    fact, (note,) = masked_fact(build(**{field: ("first", SECRET)}))
    assert SECRET not in repr(fact)
    assert getattr(fact, field)[0] == "first"
    assert note.part == field


def test_every_text_of_every_fact_is_looked_at():
    """A field that a fact gains is masked without anybody thinking of it, save names."""
    for build in (incident, error, pull_request):
        known = build()
        for field in fields(known):
            if isinstance(getattr(known, field.name), str) and field.name not in {
                "type", "key", "handle", "url", "life",
            }:  # fmt: skip
                fact, _ = masked_fact(build(**{field.name: SECRET}))
                assert getattr(fact, field.name) == MARK


def test_a_fact_with_nothing_to_mask_is_the_same_fact():
    facts = [incident(services=("search", "shop")), error(), pull_request(labels=("a", "b"))]
    for fact in facts:
        assert masked_fact(fact) == (fact, ())


def test_hidden_characters_hide_no_secret():
    """A collector of somebody else may not have cleaned its titles."""
    fact, _ = masked_fact(incident(title="\u200b".join(SECRET)))
    assert fact.title == MARK


def test_two_secrets_in_one_title_are_two():
    _, (note,) = masked_fact(incident(title=f"{SECRET} and {SECRET}"))
    assert note.count == 2


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://jira.example/x?t={0}#top", "https://jira.example/x"),
        ("https://bot:{0}@jira.example/x", "https://jira.example/x"),
        ("https://jira.example/{0}", ""),
        ("https://[{0}", ""),
        ("https://jira.example/x?y=1#z", "https://jira.example/x?y=1#z"),
    ],
)
def test_an_address_is_shortened_rather_than_masked(url, kept):
    fact, notes = masked_fact(incident(url=url.format(SECRET)))
    assert fact.url == kept
    assert bool(notes) == ("{0}" in url)


def test_a_title_that_is_masked_from_this_week_on_is_the_same_item():
    raw = harvest("jira", [incident(title=f"on {SECRET}", severity=Severity.HIGH)])
    before = edited([raw], week=WEEK.shift(-1))
    (item,) = edited([mask_harvest(raw)], [filed(before)]).items
    assert (item.state, item.weeks, item.title) == (ItemState.CARRIED, 2, f"on {MARK}")


def test_a_gap_says_no_secret():
    made = mask_harvest(harvest("jira", gaps=(gap("jira", detail=SECRET, hint=f"Not {SECRET}"),)))
    assert (made.gaps[0].detail, made.gaps[0].hint) == (MARK, f"Not {MARK}")
    assert made.masked == (
        Masked(
            source="jira", key=None, part="detail", what="GitHub token", personal=False, count=2
        ),
    )


@pytest.mark.parametrize("name", ["key", "handle"])
def test_a_fact_that_goes_by_a_secret_is_left_out_and_that_is_a_gap(name):
    key = FactKey("jira", "incident", SECRET)
    bad = incident("INC-9", **{name: key if name == "key" else SECRET})
    made = mask_harvest(harvest("jira", [incident(), bad]))
    assert [fact.key.subject for fact in made.facts] == ["INC-1"]
    assert made.coverage.state is State.PARTIAL
    assert SECRET not in repr(made)
    assert made.gaps[0].hides("incident")


def test_what_moved_to_a_name_with_a_secret_keeps_the_one_that_it_had():
    old, new = (FactKey("jira", "incident", name) for name in ("INC-1", f"INC-{SECRET}"))
    raw = harvest("jira", [incident(severity=Severity.HIGH)])
    before = edited([raw], week=WEEK.shift(-1))
    renamed = [incident(key=new, severity=Severity.HIGH)]
    made = mask_harvest(harvest("jira", renamed, moved=(Moved(old=old, new=new),)))
    after = edited([made], [filed(before)])
    assert SECRET not in repr(after)
    assert [(item.key, item.state) for item in after.items] == [(old, ItemState.UNKNOWN)]


def test_the_operator_is_told_where_a_secret_stands_and_never_what_it_is():
    made = mask_harvest(
        harvest(
            "jira",
            [
                incident("INC-42", title=f"Deploy with {SECRET}"),
                incident("INC-43", title="From a@acme.example and b@acme.example"),
            ],
        )
    )
    told = list(notices(made.masked))
    assert told == [
        (
            "jira:incident:INC-42: its title holds a secret (GitHub token)",
            "Revoke it, then take it out there: all who can read jira can read it.",
        ),
        (
            "jira: personal data was masked 2 times (email)",
            "It still stands in jira; take it out there.",
        ),
    ]


def test_a_harvest_of_thousands_is_read_by_each_rule_in_one_pass(monkeypatch):
    """Rules are compiled once: that, and not the reading, would cost seconds."""
    read_rules.cache_clear()
    mask_harvest(harvest("jira", [incident(f"INC-{n}") for n in range(200)]))
    mask("again")
    assert read_rules.cache_info().misses == 1
