"""Which plug goes by which name. Plugs are named by string and imported when they are wanted.

Other packages add their own by entry points in the groups `bulletin.collectors`,
`bulletin.renderers`, `bulletin.publishers` and `bulletin.rules`; they cannot take a name of ours.
"""

import difflib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from bulletin.config import Kinds
from bulletin.errors import SettingsError
from bulletin.model.delivery import letter_name

COLLECTORS = {
    "bugsink": "bulletin.collectors.bugsink:BugsinkCollector",
    "github": "bulletin.collectors.github:GithubCollector",
    "glitchtip": "bulletin.collectors.glitchtip:GlitchtipCollector",
    "jira": "bulletin.collectors.jira:JiraCollector",
    "pagerduty": "bulletin.collectors.pagerduty:PagerdutyCollector",
    "sentry": "bulletin.collectors.sentry:SentryCollector",
}

LETTER = "team-email"
"""The format of a team's letter: asked for with the team behind a colon, `team-email:checkout`."""

RENDERERS = {
    "html": "bulletin.rendering.html:HtmlRenderer",
    "email": "bulletin.rendering.email:EmailRenderer",
    "deck": "bulletin.rendering.deck:DeckRenderer",
    "paper": "bulletin.rendering.paper:PaperRenderer",
    "markdown": "bulletin.rendering.markdown:MarkdownRenderer",
    "json": "bulletin.rendering.json:JsonRenderer",
    "speaker": "bulletin.rendering.speaker:SpeakerRenderer",
    LETTER: "bulletin.rendering.email.team:TeamEmailRenderer",
    "confluence": "bulletin.rendering.confluence:ConfluenceRenderer",
    "dokuwiki": "bulletin.rendering.wiki:DokuwikiRenderer",
    "mediawiki": "bulletin.rendering.wiki:MediawikiRenderer",
    "verdict": "bulletin.rendering.verdict:VerdictRenderer",
}

ON_REQUEST = {
    "confluence": "bulletin.confluence",
    "dokuwiki": "bulletin.dokuwiki",
    LETTER: "email.TEAM.eml",
    "mediawiki": "bulletin.mediawiki",
    "verdict": "verdict.txt",
}
"""Formats that are rendered only where a channel brings them → the artifact that each makes."""

PUBLISHERS = {
    "chat": "bulletin.publishing.chat:ChatPublisher",
    "confluence": "bulletin.publishing.confluence:ConfluencePublisher",
    "dokuwiki": "bulletin.publishing.dokuwiki:DokuwikiPublisher",
    "email": "bulletin.publishing.email:EmailPublisher",
    "files": "bulletin.publishing.files:FilesPublisher",
    "git-wiki": "bulletin.publishing.git_wiki:GitWikiPublisher",
    "mediawiki": "bulletin.publishing.mediawiki:MediawikiPublisher",
}

RULES = {
    "decision-open": "bulletin.editing.rules.decision_open:DecisionOpen",
    "decision-unkept": "bulletin.editing.rules.decision_unkept:DecisionUnkept",
    "error-escalating": "bulletin.editing.rules.error_escalating:ErrorEscalating",
    "error-firing-after-close": (
        "bulletin.editing.rules.error_firing_after_close:ErrorFiringAfterClose"
    ),
    "error-new": "bulletin.editing.rules.error_new:ErrorNew",
    "error-regressed": "bulletin.editing.rules.error_regressed:ErrorRegressed",
    "error-rising": "bulletin.editing.rules.error_rising:ErrorRising",
    "incident-old": "bulletin.editing.rules.incident_old:IncidentOld",
    "incident-reopened": "bulletin.editing.rules.incident_reopened:IncidentReopened",
    "incident-severe": "bulletin.editing.rules.incident_severe:IncidentSevere",
    "incident-silent": "bulletin.editing.rules.incident_silent:IncidentSilent",
    "incident-unowned": "bulletin.editing.rules.incident_unowned:IncidentUnowned",
    "pull-request-big": "bulletin.editing.rules.pull_request_big:PullRequestBig",
    "pull-request-changes-idle": (
        "bulletin.editing.rules.pull_request_changes_idle:PullRequestChangesIdle"
    ),
    "pull-request-conflicting": (
        "bulletin.editing.rules.pull_request_conflicting:PullRequestConflicting"
    ),
    "pull-request-labelled": "bulletin.editing.rules.pull_request_labelled:PullRequestLabelled",
    "pull-request-red": "bulletin.editing.rules.pull_request_red:PullRequestRed",
    "pull-request-stale": "bulletin.editing.rules.pull_request_stale:PullRequestStale",
    "pull-request-unreviewed": (
        "bulletin.editing.rules.pull_request_unreviewed:PullRequestUnreviewed"
    ),
}

GROUPS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "source": (COLLECTORS, "bulletin.collectors"),
    "format": (RENDERERS, "bulletin.renderers"),
    "publish": (PUBLISHERS, "bulletin.publishers"),
    "rules": (RULES, "bulletin.rules"),
}
"""What is plugged in → our table, and the entry point group of other packages."""


def names(group: str) -> tuple[str, ...]:
    """Return every name of a group, ours and other packages', sorted."""
    return tuple(sorted(_addresses(group)))


def formats(channels: Iterable[Any] = ()) -> tuple[str, ...]:
    """Return the formats of every edition, and those that these channels ask for, sorted."""
    asked = {name for channel in channels for name in channel.formats}
    return tuple(sorted({*names("format")} - {*ON_REQUEST} | asked))


def find(group: str, name: str) -> Any:
    """Import the plug of this name. Raises `SettingsError` where there is none, or it is broken."""
    addresses = _addresses(group)
    if name not in addresses:
        close = difflib.get_close_matches(name, addresses, n=1)
        hint = f"Did you mean '{close[0]}'? " if close else ""
        msg = f"nothing here is called '{name}'"
        raise SettingsError(msg, f"{hint}Known: {', '.join(sorted(addresses))}.")
    try:
        return pkgutil.resolve_name(addresses[name])
    except Exception as error:  # a stranger's module may raise anything
        told = " ".join(f"{type(error).__name__}: {error}".split())
        msg = f"'{name}' could not be loaded from {addresses[name]}: {told}"
        raise SettingsError(msg, "Reinstall the package that it comes from.") from error


def artifact_of(name: str) -> str | None:
    """Return the artifact that a format makes on request; None for a format of every edition."""
    format_, _, about = name.partition(":")
    return letter_name(about) if format_ == LETTER else ON_REQUEST.get(format_)


def renderer(name: str) -> Any:
    """Build the renderer of a format. One for somebody has their name behind a colon, as in
    `team-email:checkout`.

    Raises `SettingsError` where there is none, or it is broken.
    """
    format_, _, about = name.partition(":")
    plug = find("format", format_)
    return plug(about) if about else plug()


def kinds() -> Kinds:
    """Return what the settings may name."""
    return Kinds(
        sources=names("source"),
        channels=names("publish"),
        rules=names("rules"),
        settings=_settings,
    )


def _settings(group: str, name: str) -> type:
    plug = find(group, name)
    shape = plug if group == "rules" else getattr(plug, "Settings", None)
    if not isinstance(shape, type):
        msg = f"'{name}' has no class of settings"
        raise SettingsError(msg, "Update the package that it comes from, or report it there.")
    return shape


def _addresses(group: str) -> dict[str, str]:
    table, entry_group = GROUPS[group]
    return _strangers(entry_group) | dict(table)


@cache
def _strangers(entry_group: str) -> dict[str, str]:
    """Return other packages' plugs; looking through every installed package takes its time."""
    return {entry.name: entry.value for entry in entry_points(group=entry_group)}
