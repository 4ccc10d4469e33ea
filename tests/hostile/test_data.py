"""The edition as data: every string comes back as it was, and nothing around it moves."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import jsonschema
import pydantic_core
import pytest

from bulletin.rendering.json import JsonRenderer
from tests.hostile import corpus
from tests.hostile.formats import BUNDLE
from tests.hostile.shapes import wide

pytestmark = pytest.mark.hostile
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "edition.schema.json"
SHAPE = wide(20, 20, 20, 20)


def written(texts: dict[str, str]) -> str:
    """Return `edition.json` with these texts in it; bytes that are no UTF-8 raise."""
    return JsonRenderer().render(SHAPE.fill(texts), BUNDLE, "en")[0].body.decode("utf-8")


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from leaves(value[name], f"{path}.{name}")
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from leaves(one, f"{path}[{n}]")
    else:
        yield path, value


def expected(leaf: object, texts: dict[str, str]) -> object:
    if not isinstance(leaf, str):
        return leaf
    said = re.sub(r"inert\d{5}", lambda m: texts.get(m[0], m[0]), leaf)
    return said.encode("utf-8", "replace").decode()


def differences(page: str, texts: dict[str, str]) -> list[object]:
    """Return where the page, as two parsers read it, is not the harmless twin with these texts."""
    inert = dict(leaves(json.loads(written({}))))
    found: list[object] = []
    for read in (json.loads, pydantic_core.from_json):
        now = dict(leaves(read(page)))
        found += set(now) ^ set(inert)
        found += [
            (path, texts)
            for path, leaf in inert.items()
            if path != ".digest" and now.get(path) != expected(leaf, texts)
        ]
    return found


def fillings(strings: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield fillings until every string has stood in a field; every field is in the data."""
    places = [word for word, where in SHAPE.places.items() if not where.endswith(".url")]
    for start in range(0, len(strings), len(places)):
        yield dict(zip(places, strings[start : start + len(places)], strict=False))


def test_every_string_comes_back_as_it_was():
    told: list[object] = []
    tried = 0
    for texts in fillings(corpus.own()):
        tried += len(texts)
        told += differences(written(texts), texts)
    assert told[:3] == []
    assert tried == len(corpus.own())


@pytest.mark.parametrize("origin", ["blns", "commonmark"])
def test_the_public_lists_come_back_as_they_were(origin):
    told = [differences(written(texts), texts) for texts in fillings(corpus.public()[origin])]
    assert not any(told)


def test_the_data_keeps_to_the_published_schema_whatever_the_words():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    check = jsonschema.Draft202012Validator(schema)
    for texts in islice(fillings(corpus.own()), 0, None, 5):
        assert not [error.json_path for error in check.iter_errors(json.loads(written(texts)))]


def test_json_that_was_glued_together_would_be_noticed():
    """A control: what a template would make of the same strings."""
    glued = [json.dumps({"title": "inert00000"}).replace("inert00000", t) for t in corpus.by_hand()]
    assert sum(not _reads(page) for page in glued) >= 20


def _reads(page: str) -> bool:
    try:
        return list(json.loads(page)) == ["title"]
    except ValueError:
        return False
