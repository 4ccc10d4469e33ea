import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulletin.archive import codec
from bulletin.errors import BulletinError
from bulletin.model.edition import Edition
from bulletin.model.facts import FactKey, Severity
from bulletin.model.week import Week
from tests.archive.samples import filed
from tests.strategies import editions

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "edition.schema.json"


@settings(max_examples=60)
@given(editions())
def test_what_is_written_is_read_back_and_written_the_same(edition):
    """`loads` undoes `dumps`, and `dumps` undoes `loads`."""
    body = codec.dumps(edition)

    assert codec.loads(body) == edition
    assert codec.dumps(codec.loads(body)) == body


@settings(max_examples=25)
@given(editions())
def test_an_edition_satisfies_the_published_schema(edition):
    """`edition.json`, the stored edition with its digest, is what the schema says."""
    document = json.loads(codec.dumps(edition)) | {"digest": codec.file(edition).digest}

    jsonschema.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    ).validate(document)


def test_the_published_schema_is_the_code_s():
    """docs/schema/edition.schema.json is `schema()`; write it anew where the model changed."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == codec.schema()


def test_the_schema_refuses_a_key_left_out():
    """The check above can fail: every key is required."""
    document = json.loads(filed().body) | {"digest": filed().digest}
    del document["coverage"]

    with pytest.raises(jsonschema.ValidationError, match="coverage"):
        jsonschema.validate(document, codec.schema())


@settings(max_examples=25)
@given(editions())
def test_the_bytes_are_canonical(edition):
    """Keys are sorted, nothing is spaced out, letters are not escaped."""
    body = codec.dumps(edition)

    assert (
        body
        == json.dumps(
            json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )


@settings(max_examples=25)
@given(editions())
def test_scripts_find_the_words_that_they_are_promised(edition):
    """Keys are spelled `source:kind:subject`, weeks `2026-W48`, severities as words."""
    document = json.loads(codec.dumps(edition))

    assert document["week"] == str(edition.week)
    for written, item in zip(document["items"], edition.items, strict=True):
        assert written["key"] == f"{item.key.source}:{item.key.kind}:{item.key.subject}"
        assert written["severity"] in {"low", "medium", "high", "critical"}
        assert written["state"] == item.state.value
        assert written["since"] == str(item.since)
        assert {"kind", "title", "url", "owner", "trend", "weeks", "reasons"} <= set(written)


@given(st.sampled_from([Week(2026, 53), FactKey("jira", "incident", "A:B"), *Severity]))
def test_spelled_values_read_their_own_spelling(value):
    assert type(value).parse(str(value)) == value


def test_a_moment_has_one_form_whatever_its_zone():
    """The same moment, told in another zone, is the same bytes."""
    edition = filed().edition
    elsewhere = edition.as_of.astimezone(timezone(timedelta(hours=9)))

    assert codec.dumps(replace(edition, as_of=elsewhere)) == codec.dumps(edition)
    assert b'"as_of":"2026-11-26T09:00:00Z"' in codec.dumps(edition)


def test_a_moment_without_a_zone_is_not_filed():
    naive = datetime(2026, 11, 26, 9, 0, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="without a zone"):
        codec.dumps(replace(filed().edition, as_of=naive))


def test_half_a_surrogate_pair_does_not_stop_the_edition():
    """A service's JSON may carry one; UTF-8 cannot. What is filed is what is printed."""
    made = codec.file(replace(filed().edition, title="broken \ud83d smile"))

    assert made.edition.title == "broken ? smile"
    assert codec.dumps(made.edition) == made.body


def test_the_digest_is_of_the_bytes():
    made = filed()

    assert made.digest == codec.digest(made.body)
    assert codec.digest(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_newer_edition_is_refused_as_such():
    body = filed().body.replace(b'"schema":1', b'"schema":2')

    with pytest.raises(BulletinError, match="written by a newer version"):
        codec.loads(body)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"schema":1', b'"schema":0'),
        (b'"schema":1', b'"schema":true'),
        (b'"schema":1', b'"schema":"1"'),
        (b'"schema":1,', b""),
        (b'"tone"', b'"tune"'),
        (b'"tone":"dry"', b'"tone":"dry","more":1'),
        (b'"number":7', b'"number":NaN'),
        (b'"number":7', b'"number":7.5'),
        (b'"number":7', b'"number":"7"'),
        (b'"number":7', b'"number":1e999'),
        (b'"open_now":0', b'"open_now":1'),
        (b'"2026-W48"', b'"2026-W54"'),
        (b'"2026-W48"', b"48"),
        (b'"as_of":"2026-11-26T09:00:00Z"', b'"as_of":17000'),
        (b"{", b"["),
        (b"The Journal", b"The \xff Journal"),
    ],
)
def test_bytes_that_are_no_edition_are_refused(old, new):
    """Nothing is guessed, rounded or skipped."""
    body = filed().body
    assert old in body

    with pytest.raises(BulletinError, match="this is no edition"):
        codec.loads(body.replace(old, new))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"7", b"[" * 200_000])
def test_other_json_is_refused(body):
    with pytest.raises(BulletinError, match="this is no edition"):
        codec.loads(body)


def test_a_refusal_repeats_nothing_of_what_it_read():
    """The bytes may be anything; the message stays short and in our words."""
    body = filed().body.replace(b'"number":7', b'"number":"hunter2"')

    with pytest.raises(BulletinError) as caught:
        codec.loads(body)

    assert "hunter2" not in str(caught.value)
    assert str(caught.value).count("\n") == 1


def test_an_edition_lists_each_of_its_fields():
    """A field of the model is a key of the file: none is left to a default."""
    assert set(json.loads(filed().body)) == set(Edition.__slots__)
