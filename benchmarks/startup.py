"""How soon `bulletin --help` answers, against a bare interpreter and a bare click program."""

import sys
from collections.abc import Iterator

from benchmarks.measure import PYTHON, run, side_by_side
from benchmarks.table import Row, at_most

LIMIT = 6.0
HEAVY = (
    "alembic", "babel", "github", "jinja2", "jira", "pydantic", "re2", "requests", "sentry_sdk",
    "sqlalchemy", "weasyprint",
)  # fmt: skip
CLICK = """
import click
@click.group()
@click.option('--config')
def main(config): 'A program.'
@main.command()
def draft(): 'Do it.'
main(['--help'])
"""
HELP = "from bulletin.cli import main; main(['--help'])"
IMPORTS = f"""
import sys
from bulletin.cli import main
main(['--help'], standalone_mode=False)
print('IMPORTED', *sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def quick() -> Iterator[Row]:
    """Count what is imported that need not be."""
    said = run([PYTHON, "-c", IMPORTS]).said
    heavy = said.rpartition("IMPORTED")[2].split()
    yield at_most("--help: heavy packages imported", len(heavy), 0, more=", ".join(heavy))


def full() -> Iterator[Row]:
    """Time it."""
    cost = side_by_side(
        9,
        bare=lambda: run([PYTHON, "-c", "pass"]),
        click=lambda: run([PYTHON, "-c", CLICK]),
        help=lambda: run([PYTHON, "-c", HELP]),
    )
    bare, click, help_ = (cost[name].cpu for name in ("bare", "click", "help"))
    yield at_most(
        "--help: CPU against a bare interpreter",
        help_ / bare,
        LIMIT,
        "x",
        f"{help_ * 1000:.0f} ms; a click program {click / bare:.2f}x; Python {sys.version[:4]}",
    )
