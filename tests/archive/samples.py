"""Small editions to file, for the tests and for the processes that they start."""

from datetime import UTC, datetime, timedelta

from bulletin.archive import codec
from bulletin.archive.records import Rendering
from bulletin.model.delivery import Artifact, Delivery, Mode, Parcel
from bulletin.model.edition import Edition, Filed, Ledger
from bulletin.model.front import Headline
from bulletin.model.week import Week, Window

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
BUNDLE = b"templates, catalogue and voice"


def filed(week="2026-W48", revision=1, title="The Journal", bundle=BUNDLE, previous=None) -> Filed:
    return codec.file(
        Edition(
            week=Week.parse(week),
            revision=revision,
            corrects=None,
            previous=previous,
            number=7,
            title=title,
            zone="Europe/Paris",
            tone="dry",
            window=Window(AT - timedelta(days=7), AT),
            span=Window(AT - timedelta(days=7), AT),
            as_of=AT,
            bundle=codec.digest(bundle),
            rules=(),
            coverage=(),
            gaps=(),
            ledger=Ledger(),
            items=(),
            waived=(),
            sections=(),
            figures=(),
            headline=Headline(pattern="quiet", words={}),
            remarks=(),
            facts=(),
        )
    )


def rendering(name="index.html", body=b"<p>hello", language="en") -> Rendering:
    return Rendering(
        language=language,
        engine="jinja2 3.1.6",
        artifact=Artifact(name=name, media_type="text/html", body=body),
    )


def put(archive, edition: Filed, *renderings: Rendering) -> bool:
    return archive.file(edition, codec.digest(BUNDLE), BUNDLE, AT, renderings)


def delivery(target="ada@example.org", edition: Filed | None = None, **fields) -> Delivery:
    """A letter of an edition, which has to be on file."""
    sent = edition or filed()
    given = {
        "edition": sent.digest,
        "week": str(sent.edition.week),
        "mode": Mode.LIVE,
        "channel": "post",
        "kind": "post",
        "parcel": Parcel(
            target=target,
            reference=f"<{target}>",
            title="The Journal",
            head=f"To: {target}\r\n".encode(),
            body=b"\r\nhello\r\n",
        ),
    }
    return Delivery(**(given | fields))
