"""docs/faults.md, written from the cells of the matrix."""

from bulletin.rendering.bundle import Bundle
from bulletin.rendering.words import Catalogue, read_catalogue
from tests.faults.catalogue import ROWS
from tests.faults.cell import Outcome, Row

NAMES = {"github": "GitHub", "jira": "Jira", "sentry": "Sentry"}
FAMILIES = {
    "connection": "No connection",
    "tls": "Certificates",
    "body": "Answers that cannot be read",
    "signed-out": "Signed out",
    "refusals": "Refused",
    "throttling": "Asked to wait",
    "storms": "Failures that pass, and that do not",
    "paging": "Pages",
    "shape": "Fields",
    "numbers": "Numbers and bytes",
    "clock": "Clocks and caches",
}
HEAD = """# When a service fails

What an edition says when something goes wrong between bulletin and a service. The edition is
always made: the other sources stand as they are, and of the faulted one nothing is called fixed,
cleared or dropped that the service did not say itself. *Not known* prints no number at all,
*Incomplete* prints at least what was read, and *Not fresh* what was so at an earlier moment.

An exit code of 3 means that the edition is printed with gaps, 0 that the fault was made good. What
passes is tried three times, with the waits that the service asks for, for at most two minutes a
request and ten minutes a source; what cannot pass is asked for once.

Every line is played at GitHub, Jira and Sentry by `pytest tests/faults`, and this page is written
from it.
"""


def write_faults() -> str:
    """Return the page."""
    catalogue = read_catalogue(Bundle.read(), "en")
    lines = [HEAD]
    for family, title in FAMILIES.items():
        lines += [
            f"## {title}\n",
            "| What goes wrong | What the page says | Exit code | What to do |",
            "| --- | --- | --- | --- |",
            *(_line(row, catalogue) for row in ROWS if row.family == family),
            "",
        ]
    return "\n".join(lines)


def _line(row: Row, catalogue: Catalogue) -> str:
    told = {NAMES[source]: _told(outcome, catalogue) for source, outcome in row.outcomes.items()}
    columns = (_column({name: words[n] for name, words in told.items()}) for n in range(3))
    instead = "".join(f"<br>({NAMES[source]}: {why})" for source, why in row.instead.items())
    return f"| {row.what}{instead} | {' | '.join(columns)} |"


def _column(told: dict[str, str]) -> str:
    """Return what holds for every source, or for which of them what holds."""
    groups: dict[str, list[str]] = {}
    for name, words in told.items():
        groups.setdefault(words, []).append(name)
    if len(groups) == 1:
        return next(iter(groups))
    return "<br>".join(f"{', '.join(names)}: {words}" for words, names in groups.items())


def _told(outcome: Outcome, catalogue: Catalogue) -> tuple[str, str, str]:
    """Return what the page says, the exit code, and what to do."""
    if outcome.cause is None:
        return "nothing", "0", "nothing"
    why, hint = (catalogue.sentence(f"{kind}.{outcome.cause}") for kind in ("cause", "hint"))
    state = {
        "known": "",
        "partial": "Incomplete: ",
        "stale": "Not fresh: ",
        "unknown": "Not known: ",
    }
    return f"{state[outcome.state]}{why}", "3", hint
