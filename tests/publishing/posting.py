"""An edition, its draft and an archive, to send by e-mail for real."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.config import Bulletin, Plug
from bulletin.model.delivery import Artifact, DeliveryState, Mode
from bulletin.model.edition import Filed
from bulletin.pipeline import delivering
from bulletin.pipeline.gathering import silent
from bulletin.publishing import Issue
from bulletin.publishing.email.publisher import EmailPublisher
from bulletin.publishing.email.relay import Relay
from bulletin.publishing.email.wire import Patience
from bulletin.rendering.email.message import compose
from tests.archive.samples import filed as sample
from tests.archive.samples import put
from tests.builders import NOW

PNG = bytes(range(256)) * 40
THREE = ("ada@acme.example", "grace@acme.example", "mary@acme.example")
PATIENCE = Patience(connect=5, reply=10, dot=20)


def edition(mode: Mode = Mode.LIVE, **given) -> Filed:
    made = sample(**given).edition
    return codec.file(replace(made, mode=mode))


def draft(
    filed: Filed,
    text: str = "Hello.\n.\n..two\n",
    title: str = "3 open · week 48",
    picture: bytes = PNG,
) -> bytes:
    html = '<p>Hello <img src="cid:lamp@x">\n'
    return compose(filed, "en", title, text, html, {"lamp@x": picture})


def issue(filed: Filed, eml: bytes | None = None) -> Issue:
    body = draft(filed) if eml is None else eml
    made = Artifact(name="email.eml", media_type="message/rfc822", body=body)
    return Issue(filed=filed, language="en", artifacts=(made,), shelf=lambda _: ())


def settings(**given) -> EmailPublisher.Settings:
    table = {"from": "journal@acme.example", "to": list(THREE), "host": "localhost"}
    return EmailPublisher.Settings.model_validate(table | given)


def publisher(patience: Patience = PATIENCE, name: str = "email", **given) -> EmailPublisher:
    made = settings(**given)
    return EmailPublisher(made, name, Relay(made, patience))


@dataclass
class Desk:
    """An archive with one edition in it, and the deliveries of it."""

    archive: Archive
    issue: Issue
    now: datetime = NOW

    @classmethod
    def open(cls, folder: Path, filed: Filed, eml: bytes | None = None) -> "Desk":
        (folder / "bulletin.db").write_bytes(_filed(filed))
        return cls.reopen(folder, filed, eml)

    @classmethod
    def reopen(cls, folder: Path, filed: Filed, eml: bytes | None = None) -> "Desk":
        return cls(Archive.open(f"sqlite:///{folder}/bulletin.db"), issue(filed, eml))

    def deliver(self, channel) -> delivering.Outcome:
        """Do what a run does with one channel, an hour after the last."""
        self.now += timedelta(hours=1)
        plug = Plug(kind="email", name=channel.channel, settings=None)
        bulletin = Bulletin(mode=Mode.LIVE, instance="here", publish=(plug,))
        self.archive.outbox.recover(self.now)
        return delivering.deliver(
            bulletin, self.archive, self.issue, [channel], now=lambda: self.now, report=silent
        )

    def states(self) -> dict[str, DeliveryState]:
        return {one.parcel.target: one.state for one in self.archive.outbox.deliveries()}


FILED: dict[str, bytes] = {}
"""Archives with one edition in them, which take their time to make."""


def _filed(filed: Filed) -> bytes:
    if filed.digest not in FILED:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "bulletin.db"
            with Archive.open(f"sqlite:///{path}", create=True) as archive:
                put(archive, filed)
            FILED[filed.digest] = path.read_bytes()
    return FILED[filed.digest]
