"""A collector's whole outcome: what it learnt, and what it could not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bulletin.model.facts import Fact, FactKey


class Cause(StrEnum):
    """Why something could not be learnt. The catalogue has a sentence for each."""

    UNREACHABLE = "unreachable"
    """No connection, no name, no TLS, or cut off midway."""
    TOO_SLOW = "too_slow"
    REFUSED = "refused"
    """The credentials were not accepted."""
    FORBIDDEN = "forbidden"
    """The credentials hold, but do not reach this."""
    NOT_FOUND = "not_found"
    BAD_QUERY = "bad_query"
    """The service did not accept what the settings ask for."""
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CHANGED_SHAPE = "changed_shape"
    """It answered, but not in the form it is documented to."""
    TRUNCATED = "truncated"
    """There was more than could be fetched."""
    UNSUPPORTED = "unsupported"
    """This version of the service cannot say."""
    AFTERWARDS = "afterwards"
    """Asked long after the week closed: how it stood then can no longer be known."""
    CLOCK = "clock"
    """Its clock and ours disagree."""
    OUTDATED = "outdated"
    """An old copy came instead of an answer."""
    UNCLEAR = "unclear"
    """What people wrote could not be understood."""
    BROKEN = "broken"
    """A fault of ours; the log has the traceback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that could not be learnt this week."""

    source: str
    kinds: tuple[str, ...] = ()
    """The kinds of fact that it endangers; empty means every kind of the source."""
    parts: tuple[str, ...] = ()
    """The fields that are missing from facts otherwise known, such as `checks`.

    Empty means that whole facts may be missing.
    """
    reason: Cause
    detail: str
    """What happened, in the service's terms: no secret, at most 200 characters."""
    hint: str
    """What a person can do about it."""
    seen: int | None = None
    expected: int | None = None

    def hides(self, kind: str) -> bool:
        """Whether facts of this kind may be missing altogether."""
        return not self.parts and (not self.kinds or kind in self.kinds)

    def blinds(self, kind: str, part: str) -> bool:
        """Whether this field of this kind of fact may be missing."""
        return part in self.parts and (not self.kinds or kind in self.kinds)


class State(StrEnum):
    """How much of a source or a section is known."""

    KNOWN = "known"
    PARTIAL = "partial"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a source was seen. `expected` is None where the service does not say."""

    source: str
    kinds: tuple[str, ...]
    state: State
    seen: int
    expected: int | None
    unit: str
    """What is counted: `incidents`, `projects`, `pull_requests`. The catalogue has the word."""
    as_of: datetime
    requests: int
    closed_too: bool = True
    """Whether the search also covered what came and went within the window."""
    left_out: int = 0
    """Less pressing facts that the settings ask to be left out, such as errors past the `top`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A subject that now has another name: the same item, under a new key."""

    old: FactKey
    new: FactKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A subject that was looked up and is not there any more, or not for us.

    `why` is `deleted` (the service says so), `unreadable` (gone or no access: the service does
    not tell which) or `moved_away` (it lives on outside what the settings look at).
    """

    key: FactKey
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A secret or personal data that foreign text held: where it stood, never what it was."""

    source: str
    key: FactKey | None
    """The fact that held it; None where the words of a gap did."""
    part: str
    """The field, such as `title`."""
    what: str
    """In English, as the text now has it: `GitHub token`, `email`."""
    personal: bool
    """Whether it is personal data, and not a secret that must be revoked."""
    count: int
    """How many of them the field held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """Everything that one collector brought back. It never raises for what a service did."""

    source: str
    facts: tuple[Fact, ...] = ()
    gaps: tuple[Gap, ...] = ()
    coverage: Coverage
    moved: tuple[Moved, ...] = ()
    missing: tuple[Missing, ...] = ()
    masked: tuple[Masked, ...] = ()
    """What was taken out of the facts and gaps before anything kept them."""
