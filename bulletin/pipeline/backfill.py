"""Filling in the weeks before the first edition, so that trends start at once.

A week that is filled in counts: its figures go into the history of those that follow, as far as
the services remember what happened. It lists nothing. Nobody was told of anything in it, and what
nobody was told of cannot have been fixed for having been pointed at: the share that is settled by
the following week, the weeks that an item stands on the list, and "new" all begin with the first
edition that was printed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.collectors import Collector
from bulletin.editing.desk import REMEMBERED, Policy, edit
from bulletin.errors import SettingsError
from bulletin.model.edition import Filed
from bulletin.model.harvest import State
from bulletin.model.week import Week, Window
from bulletin.pipeline.gathering import Report, gather_past
from bulletin.rendering.bundle import Bundle

MOST = 12
"""Weeks that can be filled in: what a figure's history shows, and little more than Sentry keeps."""


def check_past(archive: Archive, past: int) -> None:
    """Raise `SettingsError` where so many past weeks cannot be filled in."""
    if not 1 <= past <= MOST:
        msg = f"{past} past weeks cannot be filled in"
        raise SettingsError(msg, f"Name from 1 to {MOST}.")
    entries = archive.editions()
    if entries:
        first = min(entry.week for entry in entries)
        msg = f"there are editions on file, from {first} on: nothing is filled in before or between"
        hint = "Leave --past out, or let `archive` name a new one that starts with these weeks."
        raise SettingsError(msg, hint)


def fill_in(  # noqa: PLR0917  (each is a different thing, and there is one call)
    archive: Archive,
    collectors: Sequence[Collector],
    policy: Policy,
    windows: Mapping[Week, Window],
    bundle: Bundle,
    as_of: datetime,
    report: Report,
) -> tuple[Filed, ...]:
    """File past weeks, oldest first, from what the services remember; return them.

    All are asked for before the first is filed. A week of which no source knows anything is left
    out: that is a hole in the history, as it would be without it.
    """
    told = gather_past(collectors, windows, as_of, report)
    body = bundle.dumps()
    filled: list[Filed] = []
    for (one, window), harvests in zip(windows.items(), told, strict=True):
        if all(harvest.coverage.state is State.UNKNOWN for harvest in harvests):
            report(str(one), "nothing is remembered: left out")
            continue
        edition = edit(
            week=one,
            window=window,
            as_of=window.end,
            asked=as_of,
            filled_in=True,
            harvests=harvests,
            past=archive.before(one, REMEMBERED),
            policy=policy,
        )
        filed = codec.file(edition)
        archive.file(filed, bundle.digest, body, as_of)
        report(str(one), "filled in")
        filled.append(filed)
    return tuple(filled)
