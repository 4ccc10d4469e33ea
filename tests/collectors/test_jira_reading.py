"""Jira's words, dates and histories, without a server."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.collectors.jira.reading import (
    UNREADABLE,
    Change,
    Fields,
    Reading,
    parse_changes,
    parse_clause,
    parse_fields,
    parse_incident,
    parse_labels,
    parse_moment,
)
from bulletin.collectors.jira.words import is_declined, parse_severity
from bulletin.model.facts import Life, Severity

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "key", "name", "value", "status", "statusCategory", "created"]),
            inner,
        )
    ),
    max_leaves=12,
)
OPENED = datetime(2026, 11, 2, 8, tzinfo=UTC)
READING = Reading(
    as_of=datetime(2026, 11, 26, 9, tzinfo=UTC),
    source="jira",
    base="https://jira.example",
    fields=Fields(severity=("customfield_1", "priority"), services=("customfield_2",)),
    severities={"purple": Severity.LOW},
    drill="exercice d'alerte",
)


def issue(category: str = "new", **fields) -> dict:
    status = {"id": "1", "name": "Ouvert", "statusCategory": {"key": category}}
    plain = {"status": status, "created": "2026-11-02T09:00:00.000+0100", "summary": "Down"}
    return {"id": "10042", "key": "INC-42", "fields": plain | fields}


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        *((word, Severity.CRITICAL) for word in ("SEV1", "sev-0", "P1", "Blocker", "Bloquante")),
        *(
            (word, Severity.CRITICAL)
            for word in ("Critique", "1 - Critical", "Highest", "S1: tout")
        ),
        *((word, Severity.HIGH) for word in ("Major", "Majeur", "SEV 2", "P2 (urgent)", "Élevée")),
        *((word, Severity.MEDIUM) for word in ("Moyenne", "Severity 3", "Modérée", "Normal")),
        *((word, Severity.LOW) for word in ("Mineur", "P5", "lowest", "Faible", " PURPLE ")),
        *((word, None) for word in ("", "1", "Not critical", "Purple rain", "P12", "SEV", "🔥")),
    ],
)
def test_a_word_of_severity(word, severity):
    assert parse_severity(word, READING.severities) == severity


@pytest.mark.parametrize("word", ["Won\N{RIGHT SINGLE QUOTATION MARK}t Do", "DOUBLON", "Rejeté"])
def test_words_that_decline(word):
    assert is_declined(word)


@pytest.mark.parametrize("word", ["Done", "Fixed", "Terminé", "Résolu", ""])
def test_words_that_do_not_decline(word):
    assert not is_declined(word)


@pytest.mark.parametrize(
    ("resolution", "life"),
    [
        (None, Life.DONE),
        ({"name": "Corrigé"}, Life.DONE),
        ({"name": "Ne sera pas corrigé"}, Life.DECLINED),
        ({"name": "Cannot Reproduce"}, Life.DECLINED),
    ],
    ids=["none", "fixed", "won't fix", "cannot reproduce"],
)
def test_the_resolution_tells_how_a_closed_one_ended(resolution, life):
    fact = parse_incident(issue("done", resolution=resolution), READING, None, frozenset())
    assert fact.life is life


def test_an_open_one_has_no_end_whatever_is_left_of_an_old_one():
    old = issue(resolution={"name": "Done"}, resolutiondate="2026-11-03T09:00:00.000+0100")
    fact = parse_incident(old, READING, (), frozenset())
    assert (fact.life, fact.resolved) == (Life.OPEN, None)


def test_without_a_date_of_resolution_the_last_change_of_status_is_the_end():
    moved = Change(at=OPENED + timedelta(hours=3), field="status", before="1", after="9")
    assert parse_incident(issue("done"), READING, (moved,), frozenset()).resolved == moved.at
    assert parse_incident(issue("done"), READING, (), frozenset()).resolved is None


def test_it_was_reopened_when_it_last_left_a_closed_status_or_lost_its_resolution():
    def change(hours, field, before, after):
        return Change(at=OPENED + timedelta(hours=hours), field=field, before=before, after=after)

    changes = (
        change(1, "status", "1", "9"),
        change(2, "status", "9", "1"),
        change(3, "status", "1", "9"),
        change(3, "resolution", None, "5"),
        change(4, "status", "9", "8"),
    )
    done = frozenset({"8", "9"})
    fact = parse_incident(issue("done"), READING, changes, done)
    assert fact.reopened == OPENED + timedelta(hours=2)
    more = (*changes, change(5, "resolution", "5", None), change(6, "status", "8", "1"))
    assert parse_incident(issue(), READING, more, done).reopened == OPENED + timedelta(hours=6)
    assert parse_incident(issue(), READING, (), done).reopened is None


def test_the_first_severity_field_that_is_filled_decides():
    """An unknown word in it is unknown; the priority is not asked behind its back."""

    def severity(**fields):
        return parse_incident(issue(**fields), READING, None, frozenset()).severity

    low = {"name": "Low"}
    assert severity(customfield_1={"value": "SEV1"}, priority=low) is Severity.CRITICAL
    assert severity(customfield_1=None, priority=low) is Severity.LOW
    assert severity(customfield_1={"value": "Mauve"}, priority=low) is None
    assert severity() is None


def test_services_are_components_and_the_fields_of_services():
    given = issue(components=[{"name": "cart"}], customfield_2=[{"value": "pay"}, "cart", {}])
    assert parse_incident(given, READING, None, frozenset()).services == ("cart", "pay")


def test_nobody_is_named():
    """Whether somebody works on it is a fact, who it is never leaves the collector."""
    given = issue(assignee={"displayName": "Ana Martin"})
    fact = parse_incident(given, READING, None, frozenset())
    assert fact.assigned is True
    assert "Ana" not in repr(fact)
    assert parse_incident(issue(assignee=None), READING, None, frozenset()).assigned is False
    assert parse_incident(issue(), READING, None, frozenset()).assigned is None


def test_a_drill_is_known_by_its_label():
    given = issue(labels=["Exercice d\N{RIGHT SINGLE QUOTATION MARK}alerte"])
    assert parse_incident(given, READING, None, frozenset()).drill
    assert not parse_incident(issue(), READING, None, frozenset()).drill


def test_fields_are_discovered_by_their_names_in_order():
    listed = [
        {"id": "cf_1", "name": "Impact"},
        {"id": "cf_2", "name": "Gravité"},
        {"id": "cf_3", "name": "severity"},
        {"id": "cf_4", "name": "Affected services"},
        {"id": "priority", "name": "Priorité"},
    ]
    fields = parse_fields(listed, "")
    assert fields.severity == ("cf_3", "cf_2", "cf_1", "priority")
    assert fields.services == ("cf_4",)
    assert fields.names == ("severity", "Gravité", "Impact", "Priorité")
    assert parse_fields(listed, "GRAVITE").severity == ("cf_2",)
    assert parse_fields(listed, "cf_1").severity == ("cf_1",)
    assert parse_fields(listed, "cf_9").severity == ()


@pytest.mark.parametrize(
    ("jql", "clause"),
    [
        ("project = INC", "(project = INC)"),
        ("a = 1 OR b = 2  Order   By c DESC", "(a = 1 OR b = 2)"),
        ("text ~ 'order by' order by x", "(text ~ 'order by')"),
        ('summary ~ "an \\" order by" and x = 1', '(summary ~ "an \\" order by" and x = 1)'),
        ("border = byron", "(border = byron)"),
    ],
)
def test_a_query_loses_its_order_and_nothing_else(jql, clause):
    assert parse_clause(jql) == clause


def test_histories_are_read_in_both_forms():
    entries = [
        {
            "created": "2026-11-03T10:00:00.000+0100",
            "items": [
                {"field": "status", "from": "1", "to": "3"},
                {"field": "Rank", "fieldId": "customfield_9", "from": "", "to": "x"},
            ],
        },
        {
            "created": 1762160400,
            "items": [{"field": "Lösung", "fieldId": "resolution", "from": "", "to": "5"}],
        },
    ]
    first, second = parse_changes(entries)
    assert (first.field, first.before, first.after) == ("resolution", None, "5")
    assert (second.field, second.at) == ("status", datetime(2026, 11, 3, 9, tzinfo=UTC))


@given(st.integers(10**9, 4 * 10**9), st.timezones())
def test_a_moment_is_the_same_in_every_form(seconds, zone):
    expected = datetime.fromtimestamp(seconds, UTC)
    assert parse_moment(seconds) == parse_moment(seconds * 1000) == expected
    assert parse_moment(f"{expected.astimezone(zone):%Y-%m-%dT%H:%M:%S.000%z}") == expected


@given(JSON)
def test_whatever_a_moment_is_it_is_read_or_refused(value):
    with suppress(UNREADABLE):
        assert parse_moment(value).utcoffset() == timedelta(0)


@given(st.dictionaries(st.sampled_from(["id", "key", "fields"]), JSON), st.data())
def test_whatever_an_issue_is_it_is_read_or_refused(strange, data):
    """Nothing but the errors that count as "not in the documented form" comes out."""
    given_issue = issue()
    name = data.draw(
        st.sampled_from([*given_issue["fields"], "labels", "issuelinks", "components"])
    )
    given_issue["fields"][name] = data.draw(JSON)
    for one in (strange, given_issue):
        try:
            fact = parse_incident(one, READING, (), frozenset())
        except UNREADABLE:
            continue
        assert (fact.handle, fact.key.subject) == ("10042", "INC-42")


@given(JSON)
def test_words_of_a_field_are_short_and_printable(value):
    for word in parse_labels(value):
        assert word.strip() == word != ""
        assert len(word) <= 100
        assert "\n" not in word


def test_the_addresses_in_the_text_are_kept_beside_linked_issues_and_nothing_else_of_it():
    ends = [{"outwardIssue": {"key": "INC-7"}}, {"inwardIssue": {"key": "no key"}}]
    text = "Ada saw it: https://sentry.example/issues/7/?token=x"
    node = {"type": "doc", "content": [{"attrs": {"url": "https://a.example/runbook"}}]}
    told = issue(issuelinks=ends, description=text, environment=node)
    fact = parse_incident(told, READING, None, frozenset())
    assert fact.links == (
        "INC-7",
        "https://a.example/runbook",
        "https://sentry.example/issues/7/",
    )
    assert "Ada" not in repr(fact)


@given(JSON, JSON)
def test_a_description_of_any_shape_is_read(description, environment):
    told = issue(description=description, environment=environment)
    assert parse_incident(told, READING, None, frozenset()).links == ()
