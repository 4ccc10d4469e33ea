"""Servers that nobody here wrote, each started once a session and only where it is asked for."""

from datetime import UTC, datetime

import pytest

from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World
from tests.e2e.bugsink_server import Bugsink
from tests.e2e.companies import Repository, Tickets
from tests.e2e.github_glue import glue
from tests.e2e.serving import free_port, running
from tests.e2e.tools import HERE, tool
from tests.e2e.wikis import Dokuwiki, Mediawiki


@pytest.fixture(scope="session")
def jira_seeded(tmp_path_factory):
    """jira820 with its own 364 issues, as they stand on 18 November 2026."""
    port, log = free_port(), tmp_path_factory.mktemp("jira820") / "log"
    url = f"http://localhost:{port}"
    environment = {"JIRA820_PORT": str(port), "JIRA820_DATE": "2026-11-18"}
    with running([tool("jira820")], f"{url}/rest/api/2/serverInfo", log, env=environment):
        yield url


@pytest.fixture(scope="session")
def jira_empty(tmp_path_factory):
    """jira820 without an issue, whose clock can be set."""
    port, log = free_port(), tmp_path_factory.mktemp("jira820") / "log"
    url = f"http://localhost:{port}"
    command = [tool("jira820-python"), HERE / "servers" / "jira_center.py", str(port)]
    with running(command, f"{url}/rest/api/2/serverInfo", log):
        yield url


@pytest.fixture
def github_emulated(tmp_path):
    """emulate: GitHub's REST API over one repository, `acme/shop`, started anew for each test."""
    port, seed = free_port(), HERE / "servers" / "github.yaml"
    url = f"http://localhost:{port}"
    command = [tool("node"), tool("emulate"), "start", "-s", "github", "-p", str(port)]
    with running([*command, "--seed", seed], f"{url}/rate_limit", tmp_path / "emulate.log"):
        yield url


@pytest.fixture
def tickets(jira_empty):
    tickets = Tickets(jira_empty)
    yield tickets
    tickets.clear()


@pytest.fixture
def repository(github_emulated):
    return Repository(github_emulated)


@pytest.fixture
def service(github_emulated):
    """GitHub's GraphQL over that emulate, which has no use for its clock."""
    clock = datetime(2026, 11, 19, tzinfo=UTC)
    with Service("github", glue(github_emulated), World(), clock) as service:
        yield service


@pytest.fixture(scope="session")
def bugsink(tmp_path_factory):
    """Bugsink with a project for each test that fires errors, as they stay for the session."""
    projects = ("Shop", "Search Engine", "Loud", "Together")
    server = Bugsink(tmp_path_factory.mktemp("bugsink"), projects)
    with server.serving():
        yield server


@pytest.fixture(scope="session")
def mediawiki(tmp_path_factory):
    """MediaWiki with a bot, and a person who owns it."""
    server = Mediawiki(tmp_path_factory.mktemp("mediawiki"))
    with server.serving():
        yield server


@pytest.fixture(scope="session")
def dokuwiki(tmp_path_factory):
    """DokuWiki with a bot that may write below `bulletin`, and a person who may do anything."""
    server = Dokuwiki(tmp_path_factory.mktemp("dokuwiki"))
    with server.serving():
        yield server
