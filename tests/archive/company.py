"""The demo company, drafted into any archive by the real pipeline."""

import os
from contextlib import contextmanager
from datetime import timedelta

from bulletin import config, pipeline, registry
from bulletin.archive.records import Rendering
from bulletin.archive.store import Archive
from bulletin.demo import CLOSES, LAST, ZONE
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.sandbox.company import open_company
from bulletin.sandbox.world import load

FORMATS = ("email", "json", "markdown")
"""Formats that take milliseconds, and whose bytes no font decides."""


@contextmanager
def opened():
    """Open the company at the cut-off of its last week, with its secrets in the environment."""
    with open_company(load(), closing(LAST)) as company:
        os.environ.update(company.environment)
        yield company


def closing(week: Week):
    return week.closes(ZONE, CLOSES)


def write_settings(company, folder, address):
    """Write a `bulletin.toml` that keeps its archive at an address; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bulletin.toml"
    text = company.settings("The Journal", "en").replace("sqlite:///demo.db", address)
    path.write_text(text.replace('output = "."', 'output = "out"'))
    return path


def light_bundle():
    """Return the templates without the fonts, which are most of their weight."""
    files = Bundle.read().files
    return Bundle.of({name: body for name, body in files.items() if not name.startswith("fonts/")})


def draft_weeks(company, settings, weeks, bundle):
    """Draft weeks at their cut-offs, and the last but one again, as a correction of itself."""
    for week in weeks:
        for hours in (0, 2) if week == weeks[-2] else (0,):
            moment = closing(week) + timedelta(hours=hours)
            company.travel(moment)
            made = pipeline.draft(settings, week=week, now=moment, bundle=bundle, render=False)
            artifacts, failures = pipeline.render_all(made.filed, bundle, "en", FORMATS)
            assert not failures
            with Archive.open(settings.archive) as archive:
                files = [
                    Rendering(language="en", engine=pipeline.engine(), artifact=artifact)
                    for artifact in artifacts
                ]
                archive.file(made.filed, bundle.digest, bundle.dumps(), moment, files)


def load_settings(path):
    return config.load(path, registry.kinds())


def told(archive):
    """Return all that an archive holds, as plain values: what must never change."""
    entries = archive.editions()
    return {
        "editions": [
            {
                "week": str(entry.week),
                "revision": entry.revision,
                "number": entry.number,
                "title": entry.title,
                "digest": entry.digest,
                "filed_at": entry.filed_at.isoformat(),
                "on the list": archive.get(entry.digest).edition.ledger.open_now,
                "made of it": [_told(made) for made in archive.renderings(entry.digest)],
            }
            for entry in entries
        ],
        "log": [
            f"{event.at.isoformat()} {event.what} {event.detail}" for event in archive.events()
        ],
    }


def _told(made: Rendering) -> str:
    return f"{made.language} {made.artifact.name} {made.sha256}"
