"""Following a service from page to page, and never for ever."""

from dataclasses import dataclass, field

from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused


@dataclass(slots=True)
class Trail:
    """The cursors that were followed: none twice, and no more than `most`."""

    most: int
    followed: list[str] = field(default_factory=list)

    def follow(self, cursor: str) -> None:
        """Go on to this cursor. Raises `Refused` where that has no end."""
        if cursor in self.followed:
            raise endless("the same page again")
        if len(self.followed) >= self.most:
            raise endless("pages without end")
        self.followed.append(cursor)


def endless(what: str) -> Refused:
    """Return what it means that a service leads on to `what`."""
    return Refused(
        Cause.CHANGED_SHAPE,
        f"the service leads on to {what}",
        "Try again; if it goes on, ask whoever runs the service.",
    )
