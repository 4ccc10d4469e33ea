"""Every fault of the wire at every source: the edition is made, says what it lacks, never lies."""

import io
import itertools
import time

import pypdf
import pytest

from bulletin.model.edition import ItemState
from bulletin.model.harvest import Cause
from bulletin.wire.http import Budget
from tests.faults.catalogue import CELLS, FAMILIES, ROWS
from tests.faults.cell import HEALTHY, Cell
from tests.faults.judging import Stage, gaps
from tests.faults.server import Fault, Server
from tests.faults.spoils import VICTIMS, late
from tests.faults.stage import ANSWERS, MOMENT, SOURCES, draft, honest
from tests.faults.staging import certificate
from tests.faults.truth import CAUSES

PRINTED = [
    pytest.param(
        next(c for c in CELLS if c.row.family == family and c.source == source and c.outcome.cause),
        marks=[pytest.mark.nightly] if number >= len(SOURCES) else [],
    )
    for number, (family, source) in enumerate(zip(FAMILIES, itertools.cycle(SOURCES), strict=False))
]
"""One cell of each family; every day those of the first three, one a source."""

TEXT = ("json", "markdown")
WHOLE = [
    *{
        (cell.source, cell.outcome.state, cell.outcome.cause): cell for cell in reversed(CELLS)
    }.values()
]
"""One cell of each state and each cause, at every source: all that a page can learn of a fault."""

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_fault_of_the_wire_is_told_and_nothing_is_made_up(cell: Cell, stage: Stage) -> None:
    """Every fault, in two formats of text; what becomes of it in the others, below."""
    stage.judge(cell, formats=TEXT)


@pytest.mark.parametrize(
    "cell",
    [pytest.param(c, marks=[] if c in WHOLE else [pytest.mark.nightly]) for c in CELLS],
    ids=str,
)
def test_every_page_tells_of_it(cell: Cell, stage: Stage) -> None:
    """Every format, for one fault of each state and cause at every source; nightly for each."""
    stage.judge(cell)


@pytest.mark.parametrize("cell", PRINTED, ids=str)
def test_the_printed_pages_say_what_is_lacking(cell: Cell, stage: Stage) -> None:
    _, made = stage.play(cell, printed=True)
    for artifact in made.printed.artifacts:
        if artifact.name.endswith(".pdf"):
            pages = pypdf.PdfReader(io.BytesIO(artifact.body)).pages
            text = " ".join(" ".join(page.extract_text() for page in pages).split())
            assert f"{cell.source}: {CAUSES[cell.outcome.cause]}" in text
            assert "All clear" not in text


def test_the_whole_catalogue_is_played_at_every_source() -> None:
    ids = {row.id[:3] for row in ROWS}
    assert ids == {f"H{n:02}" for n in range(1, 53)}
    assert len(CELLS) == len({str(cell) for cell in CELLS}) >= 156
    assert len(FAMILIES) == 11


@pytest.mark.parametrize("family", FAMILIES)
def test_no_cell_of_a_family_is_without_its_fault(family: str) -> None:
    fired = [cell.outcome.fired for cell in CELLS if cell.row.family == family]
    assert len(fired) >= 9
    assert min(fired) > 0


@pytest.mark.parametrize("source", SOURCES)
def test_without_a_fault_all_is_known(source: str, stage: Stage) -> None:
    with Server(honest(ANSWERS[source], MOMENT)) as server:
        made = draft(stage.healthy, stage.folder, stage.monkeypatch, source, server.url)
    assert made.edition.facts == stage.healthy.edition.facts
    assert made.edition.items == stage.healthy.edition.items
    assert made.printed.exit_code == 0
    assert len(server.requests) == HEALTHY[source]
    victim = [item for item in made.edition.items if item.handle == VICTIMS[source]]
    assert [item.state for item in victim] == [ItemState.CARRIED]


@pytest.mark.parametrize("source", SOURCES)
def test_a_certificate_of_our_own_authority_is_taken(source: str, stage: Stage) -> None:
    tls = certificate("good", stage.monkeypatch, stage.folder)
    with Server(honest(ANSWERS[source], MOMENT), tls=tls) as server:
        made = draft(stage.healthy, stage.folder, stage.monkeypatch, source, server.url)
    assert made.printed.exit_code == 0
    assert server.broken_handshakes == 0


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_one_deadline_however_many_requests_it_takes(
    source: str, stage: Stage
) -> None:
    plain = Budget.__post_init__

    def short(budget: Budget) -> None:
        budget.seconds = 0.5
        plain(budget)

    stage.monkeypatch.setattr(Budget, "__post_init__", short)
    started = time.monotonic()
    slow = Fault(late(0.2))
    with Server(honest(ANSWERS[source], MOMENT), slow) as server:
        made = draft(stage.healthy, stage.folder, stage.monkeypatch, source, server.url)
    assert Cause.TOO_SLOW in {gap.reason for gap in gaps(made.edition, source)}
    assert 0 < slow.met < HEALTHY[source]
    assert time.monotonic() - started < 30
