"""The catalogue, fourth part: fields that are not as documented."""

from collections.abc import Callable

from bulletin.model.harvest import Cause
from tests.faults.cell import (
    HEALTHY,
    KNOWN,
    PARTIAL,
    UNKNOWN,
    Outcome,
    Row,
    Script,
    always,
    each,
)
from tests.faults.server import Fault, Spoil
from tests.faults.spoils import (
    Json,
    everyone,
    holder,
    rewritten,
    victim,
)

REQUIRED = {"github": "createdAt", "jira": "created", "sentry": "shortId"}


def by_source(spoil: Callable[[str], Spoil]) -> dict[str, Script]:
    """A script of one fault, made for each source."""
    return {source: lambda source=source: (Fault(spoil(source)),) for source in HEALTHY}


def dropped(source: str) -> Spoil:
    return victim(source, lambda item: holder(source, item).pop(REQUIRED[source]))


def nulled(source: str) -> Spoil:
    return victim(source, lambda item: holder(source, item).update({REQUIRED[source]: None}))


def renamed(source: str) -> Spoil:
    def change(item: Json) -> None:
        fields = holder(source, item)
        if REQUIRED[source] in fields:
            fields["renamed"] = fields.pop(REQUIRED[source])

    return everyone(change)


def grown(source: str) -> Spoil:
    return everyone(lambda item: holder(source, item).update(aNewField={"deep": [1, None]}))


def new_word(source: str) -> Spoil:
    def change(item: Json) -> None:
        if source == "github":
            item["reviewDecision"] = "BLESSED_BY_BOT"
        elif source == "jira":
            fields = item["fields"]
            for name in fields:
                if name == "priority" or name.startswith("customfield_"):
                    fields[name] = {"id": "99", "name": "Apocalyptic", "value": "Apocalyptic"}
        else:
            item["level"] = "apocalyptic"

    return victim(source, change)


def boxed(said: Json) -> Json:
    return {"rows": said} if isinstance(said, list) else [said]


def as_text(source: str) -> Spoil:
    def change(item: Json) -> None:
        if source == "github":
            item["additions"] = str(item["additions"])
        elif source == "jira":
            item["id"] = int(item["id"])
        else:
            item["count"] = int(item["count"])

    return victim(source, change)


def dark(**numbers: tuple[int, int, int]) -> dict[str, Outcome]:
    return each(UNKNOWN, Cause.CHANGED_SHAPE, **numbers)


def partly(**numbers: tuple[int, int, int]) -> dict[str, Outcome]:
    return each(PARTIAL, Cause.CHANGED_SHAPE, **numbers)


SHAPE = (
    Row(
        id="H38",
        family="shape",
        what="a field that we need is missing from one item",
        scripts=by_source(dropped),
        outcomes=partly(github=(6, 2, 1), jira=(6, 2, 1), sentry=(10, 3, 1)),
    ),
    Row(
        id="H39",
        family="shape",
        what="a field that we need is null in one item",
        scripts=by_source(nulled),
        outcomes=partly(github=(6, 2, 1), jira=(6, 2, 1), sentry=(10, 3, 1)),
    ),
    Row(
        id="H40",
        family="shape",
        what="a field that we need has another name everywhere",
        scripts=by_source(renamed),
        outcomes=dark(github=(2, 1, 17), jira=(4, 1, 12), sentry=(7, 5, 27)),
    ),
    Row(
        id="H41",
        family="shape",
        what="there are fields that we do not know",
        scripts=by_source(grown),
        outcomes=each(KNOWN, None, github=(6, 5, 0), jira=(5, 1, 0), sentry=(9, 6, 0)),
    ),
    Row(
        id="H42",
        family="shape",
        what="a field has a word that we do not know",
        scripts=by_source(new_word),
        outcomes=each(KNOWN, Cause.CHANGED_SHAPE, github=(6, 1, 0), sentry=(9, 3, 0))
        | each(KNOWN, Cause.UNSUPPORTED, jira=(5, 1, 0)),
    ),
    Row(
        id="H43",
        family="shape",
        what="a list comes where an object was due, or the other way",
        scripts=always(rewritten(boxed)),
        outcomes=dark(github=(1, 1, 17), jira=(1, 1, 12), sentry=(1, 1, 27)),
    ),
    Row(
        id="H44",
        family="shape",
        what="a number comes as text, or the other way",
        scripts=by_source(as_text),
        outcomes=partly(github=(6, 2, 1)) | each(KNOWN, None, jira=(5, 1, 0), sentry=(9, 3, 0)),
    ),
)
