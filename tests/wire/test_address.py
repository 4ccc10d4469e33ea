"""Which addresses a token may be sent to."""

import pytest
from pydantic import TypeAdapter, ValidationError

from bulletin.wire.address import Address

ADDRESS = TypeAdapter(Address)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://sentry.io", "https://sentry.io"),
        ("https://wiki.acme.example:8443/a/b/", "https://wiki.acme.example:8443/a/b"),
        ("https://b\u00fccher.example", "https://b\u00fccher.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://[::ffff:10.0.0.1]", "https://[::ffff:10.0.0.1]"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(given, kept):
    assert ADDRESS.validate_python(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        *("", "https://", "sentry.io", "http://sentry.io", "ftp://localhost", "https:///path"),
        *("https://h:99999", "https://h:99999x", "https://h:port", "https://[::1", "https://h]"),
        *(
            "https://me@h",
            "https://me:secret@h",
            "https://h\\@evil.example",
            "https://h/?q",
            "https://h?",
        ),
        *(
            "https://h#",
            "https://h/#f",
            " https://h",
            "https://h ",
            "https://h /a",
            "https://a b.example",
        ),
        *(
            "https://h\n",
            "https://h\t.example",
            "https://h/\x00",
            "https://h/\u202ea",
            "https://h<x>",
        ),
        *("https://h%2eexample", "https://h/a\xa0b"),
    ],
)
def test_what_is_no_address_or_not_safe_is_refused(given):
    with pytest.raises(ValidationError, match="write the address as in"):
        ADDRESS.validate_python(given)
