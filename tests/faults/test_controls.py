"""Each family's protection taken out: then its cells must fail, or they prove nothing."""

import contextlib
import json
from dataclasses import replace

import pytest

from bulletin.collectors.github import haul
from bulletin.collectors.sentry import client
from bulletin.collectors.sentry.round import Round
from bulletin.model.edition import ItemState
from bulletin.wire import http, payload
from bulletin.wire.deadline import Deadline
from bulletin.wire.http import PolicyAdapter, govern, session
from tests.faults import server
from tests.faults.catalogue import CELLS, FAMILIES
from tests.faults.judging import Stage
from tests.faults.truth import lies

pytestmark = pytest.mark.faults


def endless_patience(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server, "DROPS", 30)
    patch.setattr(Deadline, "within", lambda *_: contextlib.nullcontext())


def trust(patch: pytest.MonkeyPatch) -> None:
    plain = PolicyAdapter._once
    patch.setattr(
        PolicyAdapter,
        "_once",
        lambda self, request, keywords: plain(self, request, keywords | {"verify": False}),
    )


def appetite(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(http, "BODY_BYTES", 2**30)


def obedience(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(http, "refuse_elsewhere", lambda *_: None)


def optimism(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(client, "parse_json", lambda _, expected: expected())


def impatience(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(http, "pause", lambda *_: 0.0)


def stubbornness(patch: pytest.MonkeyPatch) -> None:
    for made in (PolicyAdapter.__init__, govern, session):
        patch.setitem(made.__kwdefaults__, "attempts", 9)


def credulity(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(client, "_withheld", lambda *_: None)


def silence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Round, "note", lambda *_, **__: None)


def leniency(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(payload, "read", json.loads)


def prophecy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(haul, "refuse_future", lambda *_: None)


CONTROLS = {
    "connection": ("H09h-github", endless_patience),
    "tls": ("H05-jira", trust),
    "body": ("H14-sentry", appetite),
    "signed-out": ("H17-sentry", obedience),
    "refusals": ("H21-sentry", optimism),
    "throttling": ("H26-sentry", impatience),
    "storms": ("H29-jira", stubbornness),
    "paging": ("H37-sentry", credulity),
    "shape": ("H38-sentry", silence),
    "numbers": ("H45a-jira", leniency),
    "clock": ("H49-github", prophecy),
}


def test_every_family_has_its_control() -> None:
    assert tuple(CONTROLS) == FAMILIES


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("family", CONTROLS)
def test_a_cell_fails_without_its_protection(family: str, stage: Stage) -> None:
    name, take_out = CONTROLS[family]
    cell = next(cell for cell in CELLS if str(cell) == name)
    assert cell.row.family == family
    take_out(stage.monkeypatch)
    with pytest.raises(AssertionError):
        stage.judge(cell)


def test_the_oracle_sees_a_false_fix_a_false_fact_and_a_false_number(healthy) -> None:
    well = healthy.edition
    outcome = next(cell.outcome for cell in CELLS if str(cell) == "H42-github")
    carried = next(i for i in well.items if i.state is ItemState.CARRIED and i.kind == "error")
    fixed = replace(carried, state=ItemState.FIXED)
    fact = next(f for f in well.facts if f.type == "error")
    figure = next(f for f in well.figures if f.name == "errors_events")
    for field, true, false in (
        ("items", carried, fixed),
        ("facts", fact, replace(fact, events=1)),
        ("figures", figure, replace(figure, value=figure.value - 1)),
    ):
        told = tuple(false if one is true else one for one in getattr(well, field))
        wrong = replace(well, **{field: told})
        assert len(list(lies(wrong, well, "sentry", outcome))) == 1
    assert list(lies(well, well, "sentry", outcome)) == []
