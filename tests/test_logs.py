"""The log as JSON: one object a line, and as discreet as in words."""

import json
import logging
import subprocess
import sys

import pytest

from bulletin.config import REVEALED
from bulletin.logs import DiscreetFormatter, JsonFormatter, discreet
from tests.monitoring.desk import settings

SECRET = "a b/c+d-secret"


@pytest.fixture(autouse=True)
def _secret():
    REVEALED.add(SECRET)
    yield
    REVEALED.discard(SECRET)


def record(message, error=None, **extra):
    info = (type(error), error, None) if error else None
    made = logging.LogRecord("bulletin", logging.WARNING, "x.py", 1, message, (), info)
    made.__dict__.update(extra)
    return made


def test_a_record_is_one_object_on_one_line():
    text = JsonFormatter().format(record("two\nlines\x1b[31m", channel="mail", edition="ab12"))

    assert "\n" not in text
    told = json.loads(text)
    assert told.pop("at").endswith("+00:00")
    assert told == {
        "level": "warning", "logger": "bulletin", "message": "two\nlines\x1b[31m",
        "channel": "mail", "edition": "ab12",
    }  # fmt: skip


@pytest.mark.parametrize("formatter", [JsonFormatter(), DiscreetFormatter("%(message)s")])
def test_no_secret_is_in_it(formatter):
    error = ValueError(f"https://u:{SECRET}@host/?t=a%20b%2Fc%2Bd-secret")
    text = formatter.format(record(f"sent {SECRET}", error, channel=SECRET))

    assert "secret]" in text
    assert SECRET not in text
    assert "d-secret" not in text


def test_a_secret_that_begins_another_gives_away_nothing_of_it(monkeypatch):
    for names in (["hush", "hush-hush"], ["hush-hush", "hush"]):
        monkeypatch.setattr("bulletin.logs.REVEALED", dict.fromkeys(names))
        assert discreet("it is hush-hush here") == "it is [secret] here"


def test_a_secret_is_hidden_as_an_address_holds_it():
    assert discreet("x a%20b%2Fc%2Bd-secret y") == "x [secret] y"


def test_the_log_of_a_run_is_json_on_standard_error(tmp_path):
    """Every line of it that the log writes; a foreseen failure stays in words for people."""
    settings(tmp_path, '[monitor]\nping = { env = "NOT_THERE" }', publish="")
    command = ["-m", "bulletin.cli", "--config", tmp_path / "bulletin.toml", "run"]
    done = subprocess.run(
        [sys.executable, *command, "--log", "json", "--week", "2020-W01"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert told[0]["logger"] == "bulletin.monitoring"
    assert "NOT_THERE" in told[0]["message"]
