"""Our queries, and the sandbox's part of the schema, against the schema that GitHub publishes."""

import shutil
import subprocess
import tarfile

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    is_enum_type,
    is_union_type,
    parse,
    validate,
)

from bulletin.collectors.github import queries
from bulletin.sandbox.github import schema as sandbox_schema

PACKAGE = "@octokit/graphql-schema@15.26.1"
QUERIES = {
    "Search": queries.SEARCH,
    "Count": queries.COUNT,
    "PullRequests": queries.PULL_REQUESTS,
    "Checks": queries.CHECKS,
    "Codeowners": queries.CODEOWNERS,
    "Viewer": queries.VIEWER,
    "Scope": queries.scope(organization=True, repositories=2),
    "ScopeOfRepositories": queries.scope(organization=False, repositories=1),
}


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """The public schema. Its own text has a duplicate field, hence no validation of it."""
    folder = tmp_path_factory.mktemp("schema")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not there to fetch GitHub's public schema")
    try:
        subprocess.run(
            [npm, "pack", "--silent", PACKAGE],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=90,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip(f"npm could not fetch {PACKAGE}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        text = archive.extractfile("package/schema.graphql")
        assert text is not None
        return build_schema(text.read().decode(), assume_valid=True, assume_valid_sdl=True)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_against_the_public_schema(published, name):
    assert validate(published, parse(QUERIES[name])) == []


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_in_the_sandbox(name):
    assert validate(sandbox_schema(), parse(QUERIES[name])) == []


def test_the_sandbox_speaks_a_part_of_the_public_schema_and_nothing_else(published):
    for name, mine in sandbox_schema().type_map.items():
        theirs = published.type_map[name]
        assert type(mine) is type(theirs), name
        if is_enum_type(mine):
            assert set(mine.values) <= set(theirs.values), name
        if is_union_type(mine):
            assert {t.name for t in mine.types} <= {t.name for t in theirs.types}, name
        if isinstance(mine, GraphQLObjectType | GraphQLInterfaceType) and name[:2] != "__":
            for field, what in mine.fields.items():
                public = theirs.fields[field]
                assert str(what.type) == str(public.type), f"{name}.{field}"
                for argument, taken in what.args.items():
                    given = public.args[argument]
                    spelled = f"{name}.{field}({argument})"
                    assert str(taken.type) == str(given.type), spelled
                    assert taken.default_value == given.default_value, spelled
