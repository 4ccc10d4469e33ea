"""The demo: a company that does not exist, ten weeks of its life, and its last two editions."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bulletin import config, pipeline, registry
from bulletin.errors import BulletinError
from bulletin.model.delivery import Mode
from bulletin.model.week import Cutoff, Week
from bulletin.model.word import Word
from bulletin.pipeline.filing import Clerk, say, take_minutes
from bulletin.publishing.files import atomic_write
from bulletin.rendering.bundle import Bundle
from bulletin.sandbox.company import Company, open_company
from bulletin.sandbox.world import STORY, load

LAST = Week(2026, 47)
ZONE = ZoneInfo("Europe/Paris")
CLOSES = Cutoff.parse("Thursday 10:00")
WEEKS = 10
PRINTED = 2
AUTHORS = {"en": "the meeting", "fr": "la réunion"}
TITLES = {"en": "The Black Friday Journal", "fr": "Le journal du Black Friday"}


def print_demo(
    output: Path,
    language: str,
    title: str,
    report: pipeline.Report = pipeline.silent,
) -> tuple[pipeline.Printed, ...]:
    """Run the real pipeline over ten weeks of the demo company; print the last two.

    `output` gets the editions, their archive and the settings, so that every command can be
    tried on them. Raises `BulletinError` where it cannot be written.
    """
    output = output.expanduser().resolve()
    weeks = [LAST.shift(-back) for back in range(WEEKS - 1, -1, -1)]
    with open_company(load(), weeks[0].closes(ZONE, CLOSES)) as company:
        settings = _settle(output, company, title, language)
        bundle = Bundle.read(theme=settings.theme)
        printed = []
        for week in weeks:
            moment = week.closes(settings.zone, settings.closes)
            company.travel(moment)
            made = pipeline.draft(
                settings,
                week=week,
                now=moment,
                bundle=bundle,
                mode=Mode.LIVE,
                render=week in weeks[-PRINTED:],
                report=_dated(week, report),
            )
            printed.append(made)
            _meet(settings, week, moment)
    return tuple(printed[-PRINTED:])


def _meet(settings: config.Bulletin, week: Week, moment: datetime) -> None:
    """Let the company meet over an edition, and file what it decides, if it does."""
    path = STORY / "minutes" / f"{week}.{settings.language}.md"
    if not path.exists():
        return
    notes = path.read_text(encoding="utf-8")
    author = AUTHORS[settings.language]

    def take(clerk: Clerk) -> list[Word]:
        words, wrong = take_minutes(clerk, week, notes)
        if wrong:
            raise ValueError(wrong)
        return words

    say(settings, take, author=author, now=moment)


def _dated(week: Week, report: pipeline.Report) -> pipeline.Report:
    return lambda what, said: report(f"{week} {what}", said)


def _settle(output: Path, company: Company, title: str, language: str) -> config.Bulletin:
    """Write the settings into the folder and make way for a new archive."""
    path = output / "bulletin.toml"
    text = company.settings(title, language)
    if path.exists() and not path.read_text(encoding="utf-8").startswith(text.splitlines()[0]):
        msg = f"{path} belongs to a bulletin of your own"
        raise BulletinError(msg, "Choose another folder with --output.")
    try:
        output.mkdir(parents=True, exist_ok=True)
        atomic_write(path, text.encode())
        (output / "demo.db").unlink(missing_ok=True)
    except OSError as error:
        msg = f"the demo cannot write to {output}: {error.strerror}"
        raise BulletinError(msg, "Choose another folder with --output.") from error
    os.environ.update(company.environment)
    return config.load(path, registry.kinds())
