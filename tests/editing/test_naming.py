"""Names in running text: what is a word of its own, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.editing.naming import Names
from bulletin.model.facts import FactKey

INC = FactKey("jira", "incident", "INC-42")
API = FactKey("sentry", "error", "PAYMENTS-API-2K")
SHORT = FactKey("sentry", "error", "API-2K")
ALL = Names.of([INC, API])


def found(text, names=ALL):
    return [key.subject for key in names.found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "INC-42",
        "inc-42-fix",
        "fix/inc-42",
        "feature-INC-42-again",
        "Inc-42: the index is empty",
        "[INC-42] (again)",
        "hotfix/INC-42_retry",
        "INC-42-2",
        "see INC-42.",
        "« INC-42 »",
    ],
)
def test_a_key_is_found_as_a_word_of_its_own_in_any_case(text):
    assert found(text) == ["INC-42"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "XINC-42",
        "INC-421",
        "INC-42a",
        "INC-4 2",
        "INC42",
        "INC_42",
        "éINC-42",
        "feature_INC-42",
        "2INC-42",
        "INC-\u0664\u0662",
        "\uff29NC-42",
        "INC\u201142",
        "INC--42",
    ],
)
def test_what_only_looks_like_a_key_is_none(text):
    assert found(text) == []


def test_an_errors_short_id_counts_as_it_is_spelt_alone():
    assert found("fix/PAYMENTS-API-2K") == ["PAYMENTS-API-2K"]
    assert found("fix/payments-api-2k") == []


def test_the_longest_name_is_meant():
    names = Names.of([API, SHORT])
    assert found("PAYMENTS-API-2K", names) == ["PAYMENTS-API-2K"]
    assert found("the API-2K", names) == ["API-2K"]


def test_what_two_are_called_names_neither():
    twin = FactKey("jira-two", "incident", "INC-42")
    assert found("INC-42", Names.of([INC, twin])) == []
    namesake = FactKey("sentry", "error", "INC-42")
    assert found("INC-42", Names.of([INC, namesake])) == []


def test_what_has_no_such_shape_has_no_name():
    nobody = [FactKey("jira", "incident", subject) for subject in ("42", "INC", "a b-1", "INC-")]
    assert found("42 INC a b-1 INC-", Names.of(nobody)) == []


WORDS = st.sampled_from(["INC-42", "inc-42", "XINC-42", "INC-421", "-", "_", " ", "/", "x", "42"])


@given(st.lists(WORDS, max_size=30).map("".join))
def test_no_text_breaks_it_and_what_it_finds_stands_there(text):
    for key in ALL.found(text):
        assert key.subject in text.upper()


def test_a_title_of_five_hundred_keys_is_read_in_no_time():
    text = " ".join(f"INC-{n}" for n in range(500)) + "-A" * 2000
    keys = [FactKey("jira", "incident", f"INC-{n}") for n in range(500)]
    assert len(found(text, Names.of(keys))) == 500
