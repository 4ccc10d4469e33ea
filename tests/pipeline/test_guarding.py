"""Guard rails, one by one; `tests/delivery/test_guard_rails.py` tries them all together."""

from itertools import product

import pytest

from bulletin.config import Bulletin
from bulletin.errors import SettingsError
from bulletin.model.delivery import Mode
from bulletin.pipeline import guarding


@pytest.mark.parametrize(("settings", "edition"), list(product(Mode, Mode)))
def test_the_settings_let_an_edition_go_so_far_and_no_further(settings, edition):
    order = ["preview", "rehearsal", "live"]
    if order.index(edition) <= order.index(settings):
        guarding.check_mode(Bulletin(mode=settings), edition)
        return
    with pytest.raises(SettingsError, match=f"nothing go further than {settings}") as caught:
        guarding.check_mode(Bulletin(mode=settings), edition)
    assert caught.value.hint.startswith(f'Write mode = "{edition}"')


def test_a_machine_is_told_by_its_id_which_stays_on_it(tmp_path, monkeypatch):
    own = tmp_path / "machine-id"
    own.write_text("4c4c4544003957108052b4c04f384833\n")
    monkeypatch.setattr(guarding, "MACHINE", own)
    here = guarding.machine(Bulletin())
    own.write_text("4c4c4544003957108052b4c04f384834\n")

    assert len(here) == 16
    assert here not in own.read_text()
    assert guarding.machine(Bulletin()) != here


@pytest.mark.parametrize("body", [None, b"", b"\xff\xfe"])
def test_a_machine_without_an_id_is_told_by_its_name(tmp_path, monkeypatch, body):
    own = tmp_path / "machine-id"
    if body is not None:
        own.write_bytes(body)
    monkeypatch.setattr(guarding, "MACHINE", own)
    names = iter(["one", "two", "one"])
    monkeypatch.setattr(guarding.platform, "node", lambda: next(names))

    first, second, third = (guarding.machine(Bulletin()) for _ in range(3))

    assert first == third != second


def test_a_machine_in_a_cluster_is_what_the_settings_call_it():
    assert guarding.machine(Bulletin(instance="bulletin-production")) == "bulletin-production"
