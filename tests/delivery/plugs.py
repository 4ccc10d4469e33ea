"""A service that always answers and a channel that files what it brings: no network, no wait.

`install` names them in the registry, in a test or in a process of its own, and leaves out the
formats that take seconds.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bulletin import registry
from bulletin.config import NearPath
from bulletin.config import Settings as Table
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Mode, Parcel, Receipt
from tests.builders import DAY, harvest, incident

FORMATS = ("email", "json", "markdown")
SCRIPT: dict[str, list] = {}
"""What the pigeon to a target meets, one an attempt, before it arrives: a fate, an exception, or
something that happens meanwhile, which is called."""
BEFORE = "before the point of no return"
"""Written before an exception's text: it is raised before `commit` is called."""
NEWS = [1]
"""How many incidents the service knows: another number makes another edition."""


def install() -> None:
    """Put the plugs into the registry."""
    registry.COLLECTORS["canned"] = "tests.delivery.plugs:Canned"
    registry.PUBLISHERS["pigeon"] = "tests.delivery.plugs:Pigeon"
    for name in set(registry.RENDERERS) - set(FORMATS):
        del registry.RENDERERS[name]


@dataclass(frozen=True)
class Canned:
    """Tells the same open incidents every week."""

    class Settings(Table):
        """Nothing to set."""

    source: str
    kinds = ("incident",)

    @classmethod
    def from_settings(cls, _settings, name):
        return cls(name)

    def collect(self, window, as_of):
        facts = [
            incident(f"INC-{n}", opened=as_of - DAY, updated=as_of - DAY)
            for n in range(1, NEWS[0] + 1)
        ]
        return harvest(self.source, facts, as_of=as_of)

    def revisit(self, items):
        return harvest(self.source)


class Pigeon:
    """Brings the page to everybody's own line of one file; whoever is not named gets none."""

    formats: ClassVar = ()

    class Settings(Table):
        """The table `[[publish]]` with `kind = "pigeon"`."""

        loft: NearPath
        live: tuple[str, ...] = ()
        rehearsal: tuple[str, ...] = ()
        preview: tuple[str, ...] = ()
        asks: bool = True
        """Whether the point of no return is told."""

    def __init__(self, settings, channel) -> None:
        self.channel = channel
        self._loft = settings.loft
        self._asks = settings.asks
        names = {mode: getattr(settings, mode) for mode in Mode}
        self._targets = {mode: [*given] for mode, given in names.items()}

    @classmethod
    def from_settings(cls, settings, name, _bulletin):
        return cls(settings, name)

    def pack(self, issue):
        filed = issue.filed
        page = issue.artifact("bulletin.md")
        if page is None:
            raise BulletinError("there is no page to bring", "Draft again.")
        return [
            Parcel(
                target=target,
                reference=f"<{filed.digest[:16]}.{target}>",
                title=f"{filed.edition.title} {filed.edition.mode}",
                head=f"{target}\n".encode(),
                body=page.body,
            )
            for target in self._targets[filed.edition.mode]
        ]

    def deliver(self, delivery, issue, commit):
        target = delivery.parcel.target
        if target not in self._targets[delivery.mode]:
            raise BulletinError(f"{target} may not be reached in {delivery.mode}", "Name it.")
        met = SCRIPT[target].pop(0) if SCRIPT.get(target) else Fate.DELIVERED
        if callable(met):
            met, _ = Fate.DELIVERED, met()
        if isinstance(met, BaseException) and BEFORE in str(met):
            raise met
        if self._asks:
            commit()
        if isinstance(met, BaseException):
            raise met
        if met is Fate.DELIVERED:
            arrive(self._loft, delivery)
        return Receipt(
            channel=self.channel, target=target, fate=met,
            reference=delivery.parcel.reference, detail=f"it met {met}",
        )  # fmt: skip

    def check(self):
        return "the loft is open"


def arrive(loft: Path, delivery) -> None:
    """Write a line that is on the disk before this returns."""
    line = {"target": delivery.parcel.target, "mode": delivery.mode, "edition": delivery.edition}
    with loft.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def arrived(loft: Path) -> list[dict]:
    """Return what arrived, oldest first."""
    return [json.loads(line) for line in loft.read_text().splitlines()] if loft.exists() else []
