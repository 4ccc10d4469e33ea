"""Every planted secret is masked, ordinary titles are not, and masking twice changes nothing."""

import tomllib
from importlib.resources import files
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.masking import mask
from bulletin.masking.rules import read_rules
from bulletin.model.text import clean
from bulletin.sandbox.world import load
from tests.masking.planted import LOOSE, PERSONAL, SECRETS

ORDINARY = Path(__file__).with_name("ordinary.txt").read_text(encoding="utf-8").splitlines()
ALL = [*SECRETS, *((name, secret) for name, _, secret in LOOSE), *PERSONAL]


def names(text: str) -> list[str]:
    return [rule.name for rule in mask(text).rules]


@pytest.mark.parametrize(("name", "secret"), SECRETS, ids=[secret[:9] for _, secret in SECRETS])
def test_a_planted_secret_is_masked_wherever_it_stands(name: str, secret: str) -> None:
    mark = f"[redacted: {name}]"
    assert mask(secret).text.endswith(mark)
    if name == "Microsoft webhook":  # the company's own name stands in front
        return
    assert mask(f"Deploy fails: {secret}").text == f"Deploy fails: {mark}"
    if name != "private-key":  # takes the rest of the text along
        assert mask(f"'{secret}' was refused").text == f"'{mark}' was refused"
        assert mask(f"It was ({secret}).").text == f"It was ({mark})."


def test_the_planted_secrets_are_of_more_than_thirty_kinds() -> None:
    assert len(SECRETS) >= 60
    assert len({name for name, _ in SECRETS}) >= 50


@pytest.mark.parametrize(("name", "sentence", "secret"), LOOSE)
def test_a_password_goes_and_its_sentence_stays(name: str, sentence: str, secret: str) -> None:
    assert mask(sentence.format(secret)).text == sentence.format(f"[redacted: {name}]")


@pytest.mark.parametrize(("name", "data"), PERSONAL)
def test_personal_data_is_masked(name: str, data: str) -> None:
    found = mask(f"Sent to {data} by mistake")
    assert [rule.name for rule in found.rules] == [name]
    assert found.rules[0].is_personal
    assert found.text == f"Sent to [redacted: {name}] by mistake"


WHOLE_ONLY = frozenset({"Mailchimp key", "crates.io token", "Discord webhook"})
"""Told by how they end: half of one looks like any number or word."""
CUT = [(name, secret) for name, secret in SECRETS if name not in WHOLE_ONLY]


@pytest.mark.parametrize(("name", "secret"), CUT, ids=[secret[:9] for _, secret in CUT])
@pytest.mark.parametrize("end", ["…", "..."])
def test_a_secret_that_was_cut_leaves_nothing_behind(name: str, secret: str, end: str) -> None:
    for kept in range(len(secret) * 3 // 4, len(secret)):
        found = mask(f"fails with {secret[:kept]}{end}")
        assert [rule.name for rule in found.rules] == [name]
        assert secret[kept - 6 : kept] not in found.text


def test_what_our_own_cut_leaves_of_a_secret_is_masked() -> None:
    secret = dict(SECRETS)["GitHub token"]
    title = clean("A title " * 35 + secret, 300)
    assert title.endswith("…")
    assert "[redacted: GitHub token]" in mask(title).text
    assert secret[:12] not in mask(title).text


def test_ordinary_titles_stay_as_they_are() -> None:
    world = load()
    told = [story.title for story in (*world.pull_requests, *world.errors)]
    titles = [*ORDINARY, *told, *(story.summary for story in world.incidents)]
    assert len(set(titles)) >= 300
    hits = [title for title in titles if mask(title).text != title]
    assert len(hits) <= 1, hits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ghp_{0} b ghp_{0}", ["GitHub token"] * 2),
        ("Authorization: Bearer ghp_{0}", ["GitHub token"]),
        ("GITHUB_TOKEN=ghp_{0}", ["GitHub token"]),
        ("my_ghp_{0}", ["GitHub token"]),
        ("https://x-access-token:ghp_{0}@github.com/acme/shop", ["GitHub token"]),
    ],
)
def test_what_two_rules_see_is_masked_once_under_its_best_name(
    text: str, expected: list[str]
) -> None:
    secret = "aB3" * 12
    found = mask(text.format(secret))
    assert [rule.name for rule in found.rules] == expected
    assert secret not in found.text


pieces = st.sampled_from(
    [
        *(secret for _, secret in ALL),
        *(secret[: len(secret) // 2] for _, secret in ALL),
        *(sentence.format(secret) for _, sentence, secret in LOOSE),
        *("…", "...", " ", "[", "]", "[redacted: ", "password=", "://", ":", "@", "key=", "é"),
    ]
)


@given(st.lists(pieces | st.text(max_size=6), max_size=8).map("".join))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text
    assert not mask(once.text).rules


@given(st.text())
def test_what_was_not_masked_is_what_it_was(text: str) -> None:
    found = mask(text)
    assert found.rules or found.text == text.encode("utf-8", "replace").decode()


@given(
    st.sampled_from(SECRETS), st.text(" :=,;()'\"", min_size=1, max_size=3), st.text(max_size=20)
)
def test_no_text_in_front_hides_a_secret(
    planted: tuple[str, str], between: str, before: str
) -> None:
    assert planted[1][4:] not in mask(f"{before}{between}{planted[1]}").text


def test_no_mark_is_masked_itself() -> None:
    for rule in read_rules():
        mark = f"[redacted: {rule.name}]"
        assert mask(mark).text == mark


def test_every_rule_finds_something_that_is_planted_here() -> None:
    """A rule that nothing tries could be broken for years."""
    untried = {rule.name for rule in read_rules()} - {name for name, _ in ALL}
    assert not untried


def test_words_of_a_rule_are_in_small_letters() -> None:
    """They are looked for in the text in small letters: a capital would silence the rule."""
    text = files("bulletin.masking").joinpath("rules.toml").read_text(encoding="utf-8")
    for table in tomllib.loads(text)["rule"]:
        assert table.get("words", []) == [word.lower() for word in table.get("words", [])]


def test_the_time_grows_no_faster_than_the_text() -> None:
    """Ten times the text takes about ten times as long, where backtracking would take hours."""

    def spent(times: int) -> float:
        text = "a@" + "password=a1" * times + "://x:" + "y" * times + "-" * times
        started = thread_time()
        for _ in range(3):
            mask(text)
        return thread_time() - started

    spent(50)
    assert spent(1000) < 200 * max(spent(100), 0.0005)
