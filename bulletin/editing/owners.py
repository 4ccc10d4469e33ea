"""Whose a fact is: a team that the settings name, or nobody, which is said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bulletin.model.facts import Decision, ErrorTrend, Fact, FactKey, Incident, PullRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """What one team owns; patterns may hold `*`."""

    team: str
    repositories: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def owned(
    fact: Fact, territories: Sequence[Territory], assigned: Mapping[FactKey, str] | None = None
) -> Fact:
    """Return the fact with its owner filled in.

    A person's word (`assigned`) comes before all. What the service says of this very subject comes
    next, then the settings from narrow to wide: components, repositories, projects. Within one
    step the first team in the file wins.
    """
    owner = (assigned or {}).get(fact.key) or _owner(fact, territories)
    return fact if owner == fact.owner else replace(fact, owner=owner)


def _owner(fact: Fact, territories: Sequence[Territory]) -> str | None:
    match fact:
        case Incident():
            return _first(fact.services, [(t.team, t.components) for t in territories]) or _first(
                [fact.project], [(t.team, t.projects) for t in territories]
            )
        case ErrorTrend():
            return _named(fact.assigned_team, territories) or _first(
                [fact.project], [(t.team, t.projects) for t in territories]
            )
        case PullRequest():
            return _first(
                [fact.repository], [(t.team, t.repositories) for t in territories]
            ) or _named(fact.default_owner, territories)
        case Decision():
            return fact.owner


def _first(names: Iterable[str], patterns: Iterable[tuple[str, Sequence[str]]]) -> str | None:
    names = [name.casefold() for name in names]
    for team, owned_names in patterns:
        for pattern in owned_names:
            if any(fnmatchcase(name, pattern.casefold()) for name in names):
                return team
    return None


def _named(name: str | None, territories: Sequence[Territory]) -> str | None:
    """Return the team of this name; one that the settings do not know keeps its own."""
    if name is None:
        return None
    for territory in territories:
        if name.casefold() in {n.casefold() for n in (territory.team, *territory.aliases)}:
            return territory.team
    return name
