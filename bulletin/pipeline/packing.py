"""Packing: an edition with its pages, and what each channel brings to whom."""

import logging
from collections.abc import Mapping, Sequence
from shlex import quote

from bulletin import registry
from bulletin.archive.store import Archive
from bulletin.config import Bulletin, Plug
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Delivery, Mode
from bulletin.model.edition import Filed
from bulletin.pipeline.printing import render_all, render_shelf
from bulletin.pipeline.standing import bundle_of
from bulletin.publishing import Issue, Publisher

log = logging.getLogger("bulletin")


def publishers(settings: Bulletin, only: Sequence[str] = ()) -> tuple[Publisher, ...]:
    """Build the configured channels, or the named ones. Raises `SettingsError` for a name that
    none has.
    """
    names = [plug.name for plug in settings.publish]
    for name in only:
        if name not in names:
            known = ", ".join(names) or "none"
            raise SettingsError(f"no channel is called '{name}'", f"The settings name: {known}.")
    return tuple(_built(settings, p) for p in settings.publish if not only or p.name in only)


def _built(settings: Bulletin, plug: Plug) -> Publisher:
    made: Publisher = registry.find("publish", plug.kind).from_settings(
        plug.settings, plug.name, settings
    )
    return made


def issue_of(
    settings: Bulletin, archive: Archive, filed: Filed, channels: Sequence[Publisher]
) -> Issue:
    """Return the edition with the pages that were made of it when it was filed.

    Those are never made again: what people approved is what leaves. Only what a channel asks for
    and nobody asked for then is made now, with the templates of then; and everything of an edition
    that is not filed, which is how one is looked at before it is.
    """
    language, week, mode = settings.language, filed.edition.week, filed.edition.mode
    bundle = bundle_of(archive, filed)
    printed = archive.renderings(filed.digest)
    held = {one.artifact.name: one.artifact for one in printed if one.language == language}
    if printed and not held:
        raise BulletinError(
            f"{week} was not printed in the language of the settings, {language}",
            "Set the language back, or draft the week again.",
        )
    asked = registry.formats(channels)
    if archive.get(filed.digest) is not None:
        on_request = {name: registry.artifact_of(name) for name in asked}
        asked = tuple(name for name, made in on_request.items() if made and made not in held)
        # Of a team that has joined or was renamed since, nothing in the edition can be told.
        known = {f"{registry.LETTER}:{team}" for team in filed.edition.teams}
        asked = tuple(n for n in asked if not n.startswith(f"{registry.LETTER}:") or n in known)
    made, unmade = render_all(filed, bundle, language, asked) if asked else ((), ())
    held = {artifact.name: artifact for artifact in made} | held
    return Issue(
        filed=filed,
        language=language,
        artifacts=tuple(held[name] for name in sorted(held)),
        shelf=lambda folder: render_shelf(archive, folder, week, bundle, language, mode),
        unmade=unmade,
    )


def pack(
    settings: Bulletin, issue: Issue, channels: Sequence[Publisher]
) -> tuple[dict[str, Delivery], list[BulletinError]]:
    """Return what would leave, by key, and what could not be packed; nothing is filed or reached.

    Two channels of one kind bring a target nothing twice: the first of them does.
    """
    packed: dict[str, Delivery] = {}
    failures: list[BulletinError] = [*issue.unmade]
    filed, edition = issue.filed, issue.filed.edition
    kinds = {plug.name: plug.kind for plug in settings.publish}
    for channel in channels:
        try:
            parcels = channel.pack(issue)
        except BulletinError as error:
            failures.append(BulletinError(f"{channel.channel}: {error.problem}", error.hint))
            continue
        except Exception as error:
            log.exception("%s could not be packed", channel.channel)
            failures.append(fault_of(channel.channel, error))
            continue
        for parcel in parcels:
            delivery = Delivery(
                edition=filed.digest,
                week=str(edition.week),
                mode=edition.mode,
                channel=channel.channel,
                kind=kinds[channel.channel],
                parcel=parcel,
                size=len(parcel.head) + len(parcel.body),
            )
            packed.setdefault(delivery.key, delivery)
    if channels and not packed and not failures and edition.mode is not Mode.PREVIEW:
        failures.append(_nowhere(edition.mode))
    return packed, failures


def stranded(
    settings: Bulletin, standing: Sequence[Delivery], packed: Mapping[str, Delivery]
) -> list[BulletinError]:
    """Return what waits although no channel of the settings brings it any more."""
    names = {plug.name for plug in settings.publish}
    return [
        BulletinError(
            f"{one.parcel.target} waits for {one.week}, and there is no channel {one.channel} any"
            " more",
            f"Name it in the settings again, or: bulletin resolve {quote(one.key)} --drop",
        )
        for one in standing
        if not one.state.is_settled and one.key not in packed and one.channel not in names
    ]


def _nowhere(mode: Mode) -> BulletinError:
    return BulletinError(
        f"no channel has anybody to bring a {mode} edition to",
        "Name recipients, a folder or a page for this mode in the settings.",
    )


def fault_of(channel: str, error: Exception) -> BulletinError:
    """Return what is told of a channel that broke in a way that nobody foresaw."""
    told = f"{channel} broke: a fault in bulletin ({type(error).__name__})"
    return BulletinError(told, "The log has the traceback; the other channels went on.")
