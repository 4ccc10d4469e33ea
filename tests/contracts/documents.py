"""The documents that the services publish about themselves, read once.

Jira's, Sentry's, Confluence's and PagerDuty's lie in the folder that `BULLETIN_SPECS` names;
GitHub's come with `scripts/servers`. There is none for Jira Data Center.
"""

import json
import os
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema

from tests.contracts.openapi import Document
from tests.e2e.tools import tool

ROOT = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("BULLETIN_SPECS", ROOT.parent / "shared" / "specs"))


def jira() -> Document:
    return _read(path("jira-cloud-v3"))


def sentry() -> Document:
    return _read(path("sentry-v0"))


def confluence() -> Document:
    return _read(path("confluence-v2"))


def pagerduty() -> Document:
    return _read(path("pagerduty-v2"))


def github() -> Document:
    return _read(tool("github-openapi"))


def github_schema() -> GraphQLSchema:
    """Return the public schema. Its own text has a duplicate field, hence no validation of it."""
    return _schema(tool("github-schema"))


def path(name: str) -> Path:
    """Return where a document lies; what needs one that is not there is skipped."""
    found = SPECS / f"{name}.json"
    if not found.is_file():
        pytest.skip(f"{name}.json is not here: name the folder that has it in BULLETIN_SPECS")
    return found


@cache
def _read(place: Path) -> Document:
    return Document(json.loads(place.read_text(encoding="utf-8")))


@cache
def _schema(place: Path) -> GraphQLSchema:
    text = place.read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)
