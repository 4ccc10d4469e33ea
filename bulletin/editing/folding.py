"""Folds: an incident, its errors and its fixes, told once where they name one another.

Only what is written counts: a key as a word of its own in a branch, a title or a commit, or the
very address of a page. What looks alike is never folded, and of two incidents neither is ever told
under the other. The ledger follows every subject on its own all the same.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bulletin.editing.naming import Names
from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.facts import (
    Decision,
    ErrorTrend,
    Fact,
    FactKey,
    Incident,
    Life,
    PullRequest,
    Severity,
)
from bulletin.model.fold import Fold, Part
from bulletin.model.front import Sentence

MANY = 5
"""Incidents or errors that one may name; what names more is a list of them, and part of none."""
DEEP = 4
"""Steps up from an address to the page that it lies below."""
FAR = 3
"""Links from a head to its last part; what is farther away stands alone."""
HEADS = ("incident", "error")
"""Kinds of fact that others are told under, the first of them first."""
HOW = ("link", "branch", "title", "commit")
"""Where one names another, what says it most plainly first."""
KINDS = ("error", "incident", "pull_request")
"""The order in which the parts of a fold are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One subject that names another, and where it does."""

    of: FactKey
    to: FactKey
    how: str

    def other(self, key: FactKey) -> FactKey:
        """Return the other end."""
        return self.to if key == self.of else self.of

    def said(self, key: FactKey) -> Sentence:
        """Say the link as a reason to tell `key` under the other end."""
        name = self.other(key).subject
        pattern = f"fold.{self.how}" if key == self.of else "fold.named"
        return Sentence(pattern=pattern, words={"name": name})


Near = Mapping[FactKey, Sequence[Link]]


def fold(
    facts: Iterable[Fact], items: Iterable[Item], apart: Collection[FactKey] = ()
) -> tuple[Fold, ...]:
    """Return what is told under which item of the list; every subject in one fold at most.

    `apart` are subjects that a person wants told alone. The order of facts and items is nothing.
    """
    facts = tuple(sorted(facts, key=lambda fact: fact.key))
    listed = {item.key: item for item in items if item.state.on_list}
    alone = {*apart, *(i.key for i in listed.values() if not set(i.formerly).isdisjoint(apart))}
    near = _near(facts, listed.values(), alone)
    told: dict[FactKey, tuple[FactKey, Link]] = {}
    for kind in HEADS:
        heads = sorted(key for key in listed if key.kind == kind and key not in told)
        told |= _spread(heads, near, told)
    parts: dict[FactKey, list[FactKey]] = defaultdict(list)
    for key, (head, _) in told.items():
        parts[head].append(key)
    known = {fact.key: fact for fact in facts}
    return tuple(
        Fold(
            head=head,
            parts=tuple(
                Part(key=key, because=tuple(_because(key, told, near)))
                for key in sorted(parts[head], key=lambda key: (KINDS.index(key.kind), key))
            ),
            said=tuple(_merged(known.get(head), [known.get(key) for key in parts[head]])),
        )
        for head in sorted(parts)
    )


def folded(folds: Iterable[Fold]) -> frozenset[FactKey]:
    """Return every key that is told under another."""
    return frozenset(part.key for fold in folds for part in fold.parts)


def once(
    items: Sequence[Item], folds: Iterable[Fold], spoken: FactKey | None = None
) -> tuple[Item, ...]:
    """Return the items with one of each fold: its head, or the part that was spoken of already."""
    hidden: set[FactKey] = set()
    for fold in folds:
        members = (fold.head, *(part.key for part in fold.parts))
        speaks = spoken if spoken in members else fold.head
        hidden.update(key for key in members if key != speaks)
    return tuple(item for item in items if item.key not in hidden or not item.state.on_list)


def gravity(folds: Iterable[Fold], items: Iterable[Item]) -> dict[FactKey, Severity]:
    """Return how grave each fold's head is with all that is told under it on the list."""
    severity = {item.key: item.severity for item in items if item.state.on_list}
    return {
        fold.head: max(
            severity[key]
            for key in (fold.head, *(part.key for part in fold.parts))
            if key in severity
        )
        for fold in folds
    }


def evidence(edition: Edition) -> tuple[Item, ...]:
    """Return what an edition told under an item without its being on the list, to be looked up
    again: only so does anybody learn that a fix was merged.
    """
    followed = {item.key for item in edition.followed}
    return recalled((edition,), folded(edition.folds) - followed)


def recalled(past: Iterable[Edition], keys: Collection[FactKey]) -> tuple[Item, ...]:
    """Return these subjects as items to be looked up again, each as the newest of the editions
    that knew it had it. `past` is newest first.
    """
    found: dict[FactKey, Item] = {}
    for edition in past:
        for fact in edition.facts:
            if fact.key in keys and fact.key not in found:
                found[fact.key] = Item(
                    key=fact.key,
                    kind=fact.type,
                    handle=fact.handle,
                    title=fact.title,
                    url=fact.url,
                    owner=fact.owner,
                    severity=Severity.LOW,
                    state=ItemState.CLEARED,
                    trend=None,
                    since=edition.week,
                    weeks=0,
                    reasons=(),
                )
    return tuple(found.values())


def _spread(
    heads: Sequence[FactKey], near: Near, told: Mapping[FactKey, object]
) -> dict[FactKey, tuple[FactKey, Link]]:
    """Go from link to link, all heads a step at a time; who is reached by several is told under
    the one that is named most plainly, and among equals under the first by key.
    """
    found: dict[FactKey, tuple[FactKey, Link]] = {}
    edge = {head: head for head in heads}
    closed = {*heads, *told}
    for _ in range(FAR):
        reached: dict[FactKey, list[tuple[int, FactKey, bool, FactKey, Link]]] = defaultdict(list)
        for key, head in edge.items():
            for link in near.get(key, ()):
                other = link.other(key)
                if other not in closed and other.kind != head.kind:
                    way = (HOW.index(link.how), head, link.of == key, key, link)
                    reached[other].append(way)
        best = {key: min(ways, key=lambda way: way[:4]) for key, ways in reached.items()}
        found |= {key: (head, link) for key, (_, head, _, _, link) in best.items()}
        closed |= best.keys()
        edge = {key: head for key, (_, head, *_) in best.items()}
    return found


def _because(
    key: FactKey, told: Mapping[FactKey, tuple[FactKey, Link]], near: Near
) -> Iterator[Sentence]:
    """Say the link that put it here, then which incidents and errors of other folds it names."""
    head, link = told[key]
    yield link.said(key)
    others = {one.to for one in near[key] if one.of == key and one.to.kind in HEADS}
    for other in sorted(others):
        if other not in {head, link.other(key)} and told.get(other, (other,))[0] != head:
            yield Sentence(pattern="fold.also", words={"name": other.subject})


def _merged(head: Fact | None, parts: Iterable[Fact | None]) -> Iterator[Sentence]:
    """Say that every fix is merged while what it was to fix is open at its source."""
    fixes = [fact for fact in parts if isinstance(fact, PullRequest)]
    if head is None or head.life is not Life.OPEN or not fixes:
        return
    if all(fix.life is Life.DONE for fix in fixes):
        yield Sentence(pattern=f"fold.merged.{head.type}", words={"n": len(fixes)})


def _near(facts: Sequence[Fact], listed: Iterable[Item], alone: Collection[FactKey]) -> Near:
    """Return every link at both of its ends; none of what shall stand alone."""
    links: dict[FactKey, list[Link]] = defaultdict(list)
    for link in _links(facts, listed):
        if link.of not in alone and link.to not in alone:
            links[link.of].append(link)
            links[link.to].append(link)
    return links


def _links(facts: Sequence[Fact], listed: Iterable[Item]) -> Iterator[Link]:
    """Find who names whom. What two share, a key or an address, names neither."""
    drills = {fact.key for fact in facts if isinstance(fact, Incident) and fact.drill}
    subjects = {one.key: one.url for one in (*listed, *facts) if one.key not in drills}
    names = Names.of(subjects)
    addresses = _addresses(subjects)
    for fact in facts:
        if fact.key in drills:
            continue
        found: dict[FactKey, str] = {}
        for how, key in _mentions(fact, names, addresses):
            if key.kind != fact.type:
                found.setdefault(key, how)
        if sum(key.kind in HEADS for key in found) <= MANY or isinstance(fact, Incident):
            yield from (Link(of=fact.key, to=key, how=how) for key, how in found.items())


def _mentions(
    fact: Fact, names: Names, addresses: Mapping[str, FactKey]
) -> Iterator[tuple[str, FactKey]]:
    """Yield where a fact names which subject, what says it most plainly first."""
    match fact:
        case PullRequest():
            yield from (("branch", key) for one in fact.branch_names for key in names.found(one))
            yield from (("title", key) for key in names.found(fact.title))
            yield from (("commit", key) for one in fact.commit_names for key in names.found(one))
        case Incident() | ErrorTrend():
            for link in fact.links:
                page = _owner_of(_address(link), addresses)
                called = names.called(link) if page is None else {page}
                if len(called) == 1:
                    yield from (("link", key) for key in called)
        case Decision():
            pass  # what people decide is carried out, or not, whatever becomes of its reason


def _addresses(subjects: Mapping[FactKey, str]) -> dict[str, FactKey]:
    """Return whose page is at which address, without those that several share."""
    found: dict[str, list[FactKey]] = defaultdict(list)
    for key, url in subjects.items():
        found[_address(url)].append(key)
    return {address: keys[0] for address, keys in found.items() if address and len(keys) == 1}


def _owner_of(address: str, addresses: Mapping[str, FactKey]) -> FactKey | None:
    """Return whose page an address is, or lies below, as an event of an error does. Only a page
    whose last word has a number is one subject's own; above it are lists and the whole site.
    """
    if address in addresses:
        return addresses[address]
    for _ in range(DEEP):
        address = address.rpartition("/")[0]
        if address in addresses and NUMBERED.search(address):
            return addresses[address]
    return None


ADDRESS = re.compile(r"https?://", re.IGNORECASE)
NUMBERED = re.compile(r"/[^/]*[0-9][^/]*$")


def _address(url: str) -> str:
    """Return what makes an address that page's own: no query, no slash at its end."""
    if not ADDRESS.match(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    path = parts.path.rstrip("/")
    return f"{host}{path}" if host and path else ""
