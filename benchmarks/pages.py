"""How long everything but the PDFs takes from stored facts: read, judge, print.

Run as `python -m benchmarks.pages FOLDER` on a demo's folder it reads the archive, judges the last
week's stored facts anew against the editions before, and makes html, e-mail, Markdown and JSON.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import PYTHON, run, side_by_side
from benchmarks.table import Row, at_most

LIMIT = 1.0
FORMATS = ("html", "email", "markdown", "json")


def full(demo: Path) -> Iterator[Row]:
    """Time it in a process of its own, and within one that did it before."""
    command = [PYTHON, "-m", "benchmarks.pages", str(demo)]
    cost = side_by_side(5, whole=lambda: run(command), warm=lambda: run([*command, "twice"]))
    whole = cost["whole"]
    warm, facts = cost["warm"].said.split()
    yield at_most("pages from stored facts, warm", float(warm), LIMIT, " s", f"{facts} facts")
    yield at_most(
        "pages from stored facts, a fresh process",
        whole.quiet,
        LIMIT,
        " s",
        f"{whole.cpu:.2f} s CPU, {whole.wall:.2f} s on the wall",
    )


def main(folder: str, twice: str = "") -> None:
    """Make the pages, and tell the seconds of CPU of a second time."""
    facts = make(Path(folder))
    if twice:
        started = time.process_time()
        make(Path(folder))
        print(time.process_time() - started, facts)


def make(demo: Path) -> int:
    """Make the pages of the newest edition. Returns how many facts it rests on."""
    from bulletin import config
    from bulletin.archive import codec
    from bulletin.archive.store import Archive
    from bulletin.editing.desk import REMEMBERED, edit
    from bulletin.model.harvest import Harvest
    from bulletin.pipeline.drafting import policy_of
    from bulletin.pipeline.printing import render_all
    from bulletin.rendering.bundle import Bundle

    settings = config.load(demo / "bulletin.toml")
    bundle = Bundle.read()
    with Archive.open(settings.archive) as archive:
        stored = archive.latest(archive.editions()[0].week)
        assert stored is not None
        was = stored.edition
        past = archive.before(was.week, REMEMBERED)
    harvests = [
        Harvest(
            source=coverage.source,
            facts=tuple(f for f in was.facts if f.key.source == coverage.source),
            gaps=tuple(gap for gap in was.gaps if gap.source == coverage.source),
            coverage=coverage,
        )
        for coverage in was.coverage
    ]
    filed = codec.file(
        edit(
            week=was.week,
            window=was.window,
            as_of=was.as_of,
            harvests=harvests,
            past=past,
            policy=policy_of(settings, bundle),
            judge=lambda rule, fact, scene: rule.judge(fact, scene),
        )
    )
    artifacts, failures = render_all(filed, bundle, settings.language, FORMATS)
    assert not failures, failures
    assert len(artifacts) >= len(FORMATS)
    return len(was.facts)


if __name__ == "__main__":
    main(*sys.argv[1:])
