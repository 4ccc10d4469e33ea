"""One cell, played and judged."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bulletin.model.edition import Edition
from bulletin.model.harvest import Gap, State
from tests.faults.cell import Cell
from tests.faults.stage import CANARY, SOURCES, Healthy, Made, draft, everything_written
from tests.faults.staging import Scene, scene
from tests.faults.truth import lies, unsaid


@dataclass(slots=True)
class Stage:
    """The place and the eyes that a cell is played before."""

    healthy: Healthy
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]

    def play(self, cell: Cell, **how: Any) -> tuple[Scene, Made]:
        """Draft the week under a cell's fault."""
        with scene(cell, self.monkeypatch, self.folder) as at:
            made = draft(
                self.healthy,
                self.folder,
                self.monkeypatch,
                cell.source,
                at.url,
                adjust=at.adjust,
                **how,
            )
        return at, made

    def judge(self, cell: Cell, **how: Any) -> None:
        """Play a cell. Raises AssertionError for whatever is not as its outcome says."""
        at, made = self.play(cell, **how)
        check_states(cell, made.edition, self.healthy.edition)
        check_claims(cell, made, self.healthy.edition)
        check_cost(cell, at, made)
        self.check_secrets(made)

    def check_secrets(self, made: Made) -> None:
        """No traceback, and the token in no byte that anybody could read."""
        assert all(record.exc_info is None for record in self.caplog.records)
        told = self.capfd.readouterr()
        written = everything_written(self.folder, self.caplog.text, told.out, told.err)
        assert b"Starting new HTTP" in written, "the sweep has not seen the log"
        assert not [secret for secret in secrets() if secret in written]


def check_states(cell: Cell, edition: Edition, well: Edition) -> None:
    """The source is known as far as it is, and the other two are not touched."""
    outcome = cell.outcome
    coverage = {one.source: one for one in edition.coverage}
    causes = [gap.reason for gap in gaps(edition, cell.source)]
    assert coverage[cell.source].state is outcome.state, causes
    assert causes[:1] == ([outcome.cause] if outcome.cause else [])
    for other in set(SOURCES) - {cell.source}:
        assert coverage[other].state is State.KNOWN
        assert facts(edition, other) == facts(well, other)


def check_claims(cell: Cell, made: Made, well: Edition) -> None:
    """Nothing is claimed that is not so, and everything that is lacking is told."""
    outcome = cell.outcome
    assert list(lies(made.edition, well, cell.source, outcome)) == []
    assert list(unsaid(made, cell.source, outcome)) == []
    if outcome.state is not State.UNKNOWN:
        missed = len(facts(well, cell.source)) - len(facts(made.edition, cell.source))
        assert missed == outcome.missed
    assert made.printed.failures == ()
    assert made.printed.exit_code == (3 if outcome.cause else 0)


def check_cost(cell: Cell, at: Scene, made: Made) -> None:
    """The fault was really played, and answered with no storm and no leak."""
    outcome = cell.outcome
    assert (at.requests, at.fired) == (outcome.requests, outcome.fired)
    if outcome.waits is not None:
        assert len(made.waited) == len(outcome.waits)
        assert all(a <= w <= b for w, (a, b) in zip(made.waited, outcome.waits, strict=True))
    if at.other is not None:
        assert at.other.connections == 0
        assert not any(at.other.url in page for page in made.pages.values())


def facts(edition: Edition, source: str) -> list[object]:
    """Return what an edition holds of a source."""
    return [fact for fact in edition.facts if fact.key.source == source]


def gaps(edition: Edition, source: str) -> list[Gap]:
    """Return the gaps of a source, those that hide whole facts first."""
    mine = (gap for gap in edition.gaps if gap.source == source)
    return sorted(mine, key=lambda gap: len(gap.parts))


def secrets() -> list[bytes]:
    """Return the token in every form that it travels in."""
    basic = base64.b64encode(f"bot@recircle.example:{CANARY}".encode())
    return [CANARY.encode(), base64.b64encode(CANARY.encode()).rstrip(b"="), basic]
