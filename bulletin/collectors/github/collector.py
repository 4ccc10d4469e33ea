"""The collector: which questions it asks, and what it makes of the answers.

Three a run: the pull requests, then their checks, then CODEOWNERS. The last two are optional and
asked apart, because one field that a token may not read spoils a whole answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

from bulletin.collectors import Check
from bulletin.collectors.github import queries
from bulletin.collectors.github.check import check
from bulletin.collectors.github.extras import add_checks, add_owners
from bulletin.collectors.github.haul import KINDS, Haul
from bulletin.collectors.github.parse import KIND, ChangedShape, Node, get
from bulletin.collectors.github.scope import Scope, look_up
from bulletin.collectors.github.search import OPEN, Search, closed_since, places
from bulletin.collectors.github.settings import Settings as GithubSettings
from bulletin.collectors.github.wire import Trouble, Wire, changed_shape
from bulletin.model.edition import Item
from bulletin.model.facts import Life, PullRequest
from bulletin.model.harvest import Cause, Coverage, Harvest, Missing, Moved, State
from bulletin.model.week import Window
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

BULK = 100
"""Most ids that GitHub takes at once."""
CHECKS_AT_ONCE = 50
"""Checks are what an answer that takes over ten seconds usually holds."""


class GithubCollector:
    """Collects open pull requests from one GitHub."""

    Settings = GithubSettings
    kinds: tuple[str, ...] = KINDS

    def __init__(
        self,
        settings: GithubSettings,
        source: str,
        secret: str,
        budget: Callable[[], Budget] = Budget,
    ) -> None:
        self.source = source
        self._settings = settings
        self._secret = secret
        self._budget = budget
        self._scope: Scope | None = None
        self._as_of: datetime | None = None

    @classmethod
    def from_settings(cls, settings: GithubSettings, name: str) -> Self:
        """Build it. Raises `SettingsError` where the token or the App's key is not there."""
        return cls(settings, name, settings.secret.reveal(is_token=settings.app is None))

    def collect(self, window: Window, as_of: datetime) -> Harvest:  # noqa: ARG002  (asks for what is open, not for what happened)
        """Search for every pull request that is open now."""
        self._as_of = as_of
        budget, haul = self._budget(), Haul(self.source, as_of)
        seen, expected = self._gather(budget, haul, [OPEN])
        return self._harvest(haul, budget, seen, expected)

    def remember(self, windows: Sequence[Window], as_of: datetime) -> Iterator[Harvest]:
        """Search once for what is open now and what was closed since the first window; tell each
        window what was there. How checks stood then nobody knows: they are not asked for.
        """
        self._as_of = as_of
        budget, haul = self._budget(), Haul(self.source, as_of)
        seen, _ = self._gather(
            budget, haul, [OPEN, closed_since(windows[0].start)], with_checks=False
        )
        if self._settings.checks and seen:
            haul.refuse(UNCHECKED, parts=("checks",))
        facts, spent = haul.facts, budget.requests
        for window in windows:
            haul.facts = {key: one for key, one in facts.items() if _was_there(one, window)}
            mine = len(haul.facts) if seen else 0
            is_whole = all(gap.parts for gap in haul.gaps)
            harvest = self._harvest(haul, budget, mine, mine if is_whole else None)
            if harvest.coverage.state is State.UNKNOWN and seen:
                harvest = replace(harvest, coverage=replace(harvest.coverage, state=State.PARTIAL))
            # One search serves them all: it is paid for once.
            yield replace(harvest, coverage=replace(harvest.coverage, requests=spent))
            spent = 0

    def _gather(
        self, budget: Budget, haul: Haul, whiches: Sequence[str], *, with_checks: bool = True
    ) -> tuple[int, int | None]:
        """Fill the haul with what each of the searches finds; return how many came of how many."""
        searches: list[Search] = []
        try:
            wire = Wire(self._settings, self._secret, budget)
            scope = self._look_up(wire)
            for lost in scope.lost:
                haul.refuse(lost)
            wheres = list(places(scope.organization, scope.repositories))
            for which in whiches:
                searches.append(Search(wire, self._settings.limit))
                searches[-1].run(wheres, which)
                account(searches[-1], haul, self._settings.limit)
        except Refused as refused:
            if not searches:
                haul.refuse(refused)
                return 0, None
            haul.refuse(refused, seen=len(searches[-1].found), expected=searches[-1].expected)
        found = {handle: node for search in searches for handle, node in search.found.items()}
        haul.read(found.values(), self._settings.pages)
        self._ask_besides(wire, haul, CHECKS_AT_ONCE, with_checks=with_checks)
        seen = len(haul.facts)
        totals = [one.expected if one.searches else None for one in searches]
        known = [total for total in totals if total is not None]
        return seen, max(seen, sum(known)) if len(known) == len(totals) else None

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look up by node id what became of pull requests that the search did not return."""
        budget, haul = self._budget(), Haul(self.source, self._moment)
        asked: dict[str, list[Item]] = {}
        for item in items:
            if item.key.kind == KIND:
                asked.setdefault(item.handle, []).append(item)
        settled, refused = 0, None
        try:
            if asked:
                wire = Wire(self._settings, self._secret, budget)
                for handle, node, trouble in wire.nodes(queries.PULL_REQUESTS, list(asked), BULK):
                    denied = self._settle(wire, haul, asked[handle], node, trouble)
                    settled += 0 if denied else len(asked[handle])
                    refused = refused or denied
                self._ask_besides(wire, haul, BULK)
        except Refused as outage:
            refused = outage
        total = sum(map(len, asked.values()))
        if refused is None and len(haul.missing) == total >= SUSPECT:
            haul.missing.clear()
            refused, settled = GONE, 0
        if refused is not None:
            haul.refuse(refused, seen=settled, expected=total)
        return self._harvest(haul, budget, settled, total)

    def check(self) -> Iterator[Check]:
        """Try the address, the credentials, the names, and what may be read."""
        return check(self._settings, self._secret, self._budget())

    @property
    def _moment(self) -> datetime:
        return self._as_of or datetime.now(UTC)  # noqa: TID251  (revisited without a search before)

    def _look_up(self, wire: Wire) -> Scope:
        self._scope = look_up(wire, self._settings)
        return self._scope

    def _covers(self, wire: Wire, repository: str) -> bool:
        named = Scope(self._settings.organization, self._settings.repositories, ())
        if named.covers(repository):
            return True
        # The settings may still hold the old name of a repository that was renamed.
        if not self._settings.repositories:
            return False
        scope = self._scope or self._look_up(wire)
        # While a name is lost, what seems to lie outside may be what was lost.
        return bool(scope.lost) or scope.covers(repository)

    def _settle(
        self,
        wire: Wire,
        haul: Haul,
        items: Sequence[Item],
        node: Node | None,
        trouble: Trouble | None,
    ) -> Refused | None:
        """Say what became of the items that share a handle, or return why that is not known."""
        if trouble is not None and trouble.kind != "NOT_FOUND":
            return trouble.refused
        if node is None and trouble is None:
            return changed_shape("a pull request came back as nothing, without a reason")
        if node is None:
            haul.missing += (Missing(key=item.key, why="unreadable") for item in items)
            return None
        try:
            fact = haul.keep(node, self._settings.pages)
            archived = get(get(node, "repository", dict), "isArchived", bool)
        except ChangedShape as shape:
            return changed_shape(str(shape))
        # The search leaves archived repositories out: nobody can merge anything there.
        if (archived and fact.life is Life.OPEN) or not self._covers(wire, fact.repository):
            del haul.facts[fact.key]
            haul.missing += (Missing(key=item.key, why="moved_away") for item in items)
            return None
        haul.moved += (Moved(old=i.key, new=fact.key) for i in items if i.key != fact.key)
        return None

    def _ask_besides(
        self, wire: Wire, haul: Haul, checks_at_once: int, *, with_checks: bool = True
    ) -> None:
        if self._settings.checks and with_checks:
            add_checks(wire, haul, checks_at_once)
        if self._settings.codeowners:
            add_owners(wire, haul)

    def _harvest(self, haul: Haul, budget: Budget, seen: int, expected: int | None) -> Harvest:
        hidden = any(gap.hides(KIND) for gap in haul.gaps)
        harvest = Harvest(
            source=self.source,
            facts=tuple(haul.facts[key] for key in sorted(haul.facts)),
            gaps=tuple(haul.gaps),
            moved=tuple(haul.moved),
            missing=tuple(haul.missing),
            coverage=Coverage(
                source=self.source,
                kinds=KINDS,
                state=(State.PARTIAL if seen else State.UNKNOWN) if hidden else State.KNOWN,
                seen=seen,
                expected=expected,
                unit="pull_requests",
                as_of=haul.as_of,
                requests=budget.requests,
            ),
        )
        return budget.timekeeper.told(harvest)


def _was_there(fact: PullRequest, window: Window) -> bool:
    """Whether it was opened before a window's end, and not closed before its start."""
    return fact.created < window.end and (fact.closed is None or fact.closed >= window.start)


def account(search: Search, haul: Haul, limit: int) -> None:
    """File what a search that ended well did not bring.

    GitHub counts anew with every page, and between two pages a pull request may be merged or
    opened: one for each page turned, and SLIPS in all, may be missing before it means a loss.
    """
    seen, expected = len(search.found), search.expected
    if search.unreadable or search.troubles:
        refused = search.troubles[0].refused if search.troubles else UNSEEN
        haul.refuse(refused, seen=seen, expected=seen + search.unreadable)
    if search.full and (expected is None or expected > seen):
        haul.refuse(
            Refused(
                Cause.TRUNCATED,
                f"stopped at {limit} pull requests, the oldest",
                "Raise `limit`, or name fewer repositories.",
            ),
            seen=seen,
            expected=expected,
        )
    elif expected is not None and expected - seen - search.unreadable > min(search.turned, SLIPS):
        haul.refuse(
            Refused(
                Cause.TRUNCATED,
                f"GitHub counts {expected} open pull requests and gave {seen}",
                "Run again; if it goes on, GitHub's search index lags behind.",
            ),
            seen=seen,
            expected=expected,
        )


SUSPECT = 5
"""Pull requests that do not all vanish in one week: so many at once are not believed."""
GONE = Refused(
    Cause.FORBIDDEN,
    "none of last week's pull requests is there for this token",
    "Check that the token still reaches the repositories, then run again.",
)
SLIPS = 2
"""Pull requests that may slip through between two pages before it is told as a gap."""

UNCHECKED = Refused(
    Cause.AFTERWARDS,
    "how checks stood then is not known: GitHub tells how they stand now",
    "An edition that is made on its day knows; nobody can know it afterwards.",
)
UNSEEN = Refused(
    Cause.FORBIDDEN,
    "GitHub counts pull requests that it does not show to this token",
    "Let the token see every repository; with single sign-on, authorise it for the organization.",
)
