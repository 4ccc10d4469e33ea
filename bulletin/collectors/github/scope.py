"""Where to look, by the names that hold today. A search for a name that is gone finds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin.collectors.github import queries
from bulletin.collectors.github.parse import ChangedShape, Node, parse_name
from bulletin.collectors.github.settings import Settings
from bulletin.collectors.github.wire import Trouble, Wire, changed_shape
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused

BULK = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """What is there of what the settings name, and why the rest is not."""

    organization: str | None
    repositories: tuple[str, ...]
    lost: tuple[Refused, ...]

    def covers(self, repository: str) -> bool:
        """Whether a repository, by its present name, is looked at."""
        name = repository.casefold()
        owner = name.partition("/")[0]
        inside = self.organization is not None and owner == self.organization.casefold()
        return inside or name in {one.casefold() for one in self.repositories}


def look_up(wire: Wire, settings: Settings) -> Scope:
    """Look the names up. Raises `Refused` where nothing at all can be asked."""
    found: list[str] = []
    gone: list[str] = []
    troubles: list[Trouble] = []
    organization = None
    batches = [
        settings.repositories[start : start + BULK]
        for start in range(0, len(settings.repositories), BULK)
    ]
    for place, batch in enumerate(batches or [()]):
        login = settings.organization if place == 0 else None
        answer = wire.ask(queries.scope(login is not None, len(batch)), _variables(login, batch))
        troubles += (t for t in answer.troubles if t.kind != "NOT_FOUND")
        if login is not None and answer.data.get("organization"):
            organization = login
        for name, repository in zip(batch, _aliases(answer.data, len(batch)), strict=True):
            if repository is None:
                gone.append(name)
            else:
                found.append(_name(repository))
    if settings.organization is not None and organization is None:
        gone.insert(0, settings.organization)
    return Scope(organization, tuple(found), tuple(_lost(gone, troubles)))


def _variables(login: str | None, batch: Sequence[str]) -> dict[str, str]:
    variables = {} if login is None else {"organization": login}
    for place, name in enumerate(batch):
        variables[f"owner{place}"], _, variables[f"name{place}"] = name.partition("/")
    return variables


def _aliases(data: Node, number: int) -> list[Node | None]:
    said = (data.get(f"r{place}") for place in range(number))
    return [one if isinstance(one, dict) else None for one in said]


def _name(repository: Node) -> str:
    try:
        return parse_name(repository)
    except ChangedShape as shape:
        raise changed_shape(str(shape)) from None


def _lost(gone: Sequence[str], troubles: Sequence[Trouble]) -> list[Refused]:
    if not gone:
        return []
    if troubles:
        return [troubles[0].refused]
    return [
        Refused(
            Cause.NOT_FOUND,
            f"not there, or not for this token: {', '.join(gone)}",
            "Correct the names in the settings, or let the token see them.",
        )
    ]
