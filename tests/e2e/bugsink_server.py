"""A real Bugsink on loopback, fed by the real SDK."""

import os
import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import requests
import sentry_sdk
from sentry_sdk.utils import event_from_exception

from tests.e2e.serving import free_port, running
from tests.e2e.tools import tool

API = "/api/canonical/0/"
BATCH = 50
"""Events that are sent at once: the SDK drops what waits behind a hundred."""
SEED = """
from bsmain.models import AuthToken
from projects.models import Project
from teams.models import Team
team = Team.objects.create(name="acme")
for name in {names!r}:
    project = Project.objects.create(name=name, team=team)
    print("project", project.slug, project.id, project.sentry_key.hex)
print("token", AuthToken.create_full_access().token)
"""
INGESTION = """
BUGSINK["INGEST_STORE_BASE_DIR"] = {folder!r}
"""
"""Unless told, it lies in /tmp, where it belongs to the first user of the machine who came."""
AGE = """
from datetime import datetime, timedelta
from django.db.models import F
from events.models import Event
from issues.models import Issue
for model, fields in ((Event, "ingested_at digested_at"), (Issue, "first_seen last_seen")):
    for field in fields.split():
        late = {{field + "__gt": datetime.fromisoformat({since!r}), "project__slug": {project!r}}}
        model.objects.filter(**late).update(**{{field: F(field) - timedelta(hours={hours})}})
"""


class Bugsink:
    """One Bugsink, with what a person would do in its pages."""

    def __init__(self, folder: Path, projects: tuple[str, ...]) -> None:
        self.folder = folder
        self._environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        host = ["--host=127.0.0.1", f"--port={self._port}"]
        self._run("bugsink-create-conf", "--template=local", *host)
        with (folder / "bugsink_conf.py").open("a", encoding="utf-8") as settings:
            settings.write(INGESTION.format(folder=str(folder / "ingestion")))
        self._run("bugsink-manage", "migrate", "--verbosity=0")
        self._run("bugsink-manage", "migrate", "snappea", "--database=snappea", "--verbosity=0")
        said = self._run(
            "bugsink-manage", "shell", "--verbosity=0", typed=SEED.format(names=projects)
        )
        self.token = re.search(r"^token (\w+)$", said, re.MULTILINE)[1]
        self._keys = {
            slug: f"{key}@127.0.0.1:{self._port}/{number}"
            for slug, number, key in re.findall(r"^project (\S+) (\d+) (\w+)$", said, re.MULTILINE)
        }

    def serving(self):
        """Run the server until the block ends."""
        bind = f"--bind=127.0.0.1:{self._port}"
        command = [tool("bugsink-gunicorn"), bind, "--threads=4", "bugsink.wsgi"]
        places = {"cwd": self.folder, "env": self._environment}
        return running(command, f"{self.url}{API}projects/", self.folder / "log", **places)

    def fire(self, project: str, kind: type[Exception], text: str, times: int, **options) -> None:
        """Report an exception so many times, as an application would."""
        fields = {name: options.pop(name) for name in ("level", "tags") if name in options}
        client = sentry_sdk.Client(
            f"http://{self._keys[project]}", default_integrations=False, **options
        )
        for number in range(1, times + 1):
            event, hint = event_from_exception(kind(text), client.options)
            client.capture_event(event | fields, hint)
            if number % BATCH == 0:
                client.flush(30)
        client.close(30)

    def issues(self, project: str) -> dict[str, dict]:
        """Return a project's issues by the kind of error."""
        number = self._keys[project].rpartition("/")[2]
        rows = self.ask("GET", f"issues/?project={number}").json()["results"]
        return {row["calculated_type"]: row for row in rows}

    def events(self, issue: str) -> list[dict]:
        """Return every event, newest first, as the server's own links lead from page to page."""
        url, found = f"events/?issue={issue}", []
        while url:
            page = self.ask("GET", url).json()
            found += page["results"]
            url = (page["next"] or "").partition(API)[2]
        return found

    def settle(self, project: str, kind: str, action: str) -> None:
        """Resolve or mute an issue, or delete it."""
        issue = self.issues(project)[kind]["id"]
        verb, path = ("DELETE", "") if action == "delete" else ("POST", f"{action}/")
        self.ask(verb, f"issues/{issue}/{path}")

    def age(self, project: str, since: datetime, by: timedelta) -> None:
        """Make what fired since a moment so much older: the server has no other clock."""
        hours = by / timedelta(hours=1)
        typed = AGE.format(project=project, since=since.isoformat(), hours=hours)
        self._run("bugsink-manage", "shell", "--verbosity=0", typed=typed)

    def ask(self, verb: str, path: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(verb, f"{self.url}{API}{path}", headers=headers, timeout=30)
        answer.raise_for_status()
        return answer

    def _run(self, name: str, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [tool(name), *arguments], cwd=self.folder, input=typed, env=self._environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
