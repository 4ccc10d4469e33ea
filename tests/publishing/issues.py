"""Issues to bring somewhere, in one line each."""

from dataclasses import replace

from bulletin.archive import codec
from bulletin.model.delivery import Artifact, Delivery, Mode
from bulletin.notes import BEGIN, END
from bulletin.publishing import Issue
from tests.archive.samples import filed as sample

MARKDOWN = f"# The Journal\n\n## Nothing burns\n\nAll clear.\n\n{BEGIN}\n\n{END}\n\n---\n\nOver.\n"


def edition(week="2026-W48", revision=1, mode=Mode.LIVE, **fields):
    return codec.file(replace(sample(week, revision).edition, mode=mode, **fields))


def issue(filed=None, *, files=(), **bodies):
    """An issue with a Markdown page, or whichever artifacts are given by name."""
    given = {"bulletin.md": MARKDOWN.encode(), **dict(files)}
    given |= {name.replace("__", "."): body for name, body in bodies.items()}
    return Issue(
        filed=filed or edition(),
        language="en",
        artifacts=tuple(
            Artifact(name=name, media_type="text/plain", body=body)
            for name, body in given.items()
            if body is not None
        ),
        shelf=lambda _: (),
    )


def deliveries(publisher, issue):
    """What the publisher packs of an issue, as the outbox would hold it."""
    edition = issue.filed.edition
    return [
        Delivery(
            edition=issue.filed.digest,
            week=str(edition.week),
            mode=edition.mode,
            channel=publisher.channel,
            kind="wiki",
            parcel=parcel,
        )
        for parcel in publisher.pack(issue)
    ]


def never():
    """The point of no return of what can be asked afterwards: there is none."""
    msg = "a wiki passes no point of no return"
    raise AssertionError(msg)


def bring(publisher, issue):
    """Pack one issue and bring it; the receipt."""
    (delivery,) = deliveries(publisher, issue)
    return publisher.deliver(delivery, issue, never)
